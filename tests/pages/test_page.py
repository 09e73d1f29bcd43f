"""The step-through page: what it says, and that it is one file that loads nothing."""

import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest
from figures import GALLERY, gallery, gallery_page
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import minigraph as mg
from minigraph.drawing import rendering
from minigraph.formulas.spelling import as_drawn
from minigraph.reading.names import cleaned


class Page(HTMLParser):
    """What is in a page: its tags, the lines of its list, the data of its script."""

    VOID = frozenset({"meta", "br", "input", "path", "polygon"})

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.lines, self.script, self.addresses = [], [], [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.addresses += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action", "data")]
        if tag == "li":
            self.lines.append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "li" in self.open:
            self.lines[-1] += data
        if self.open and self.open[-1] == "script" and ("id", "data") in self.tags[-1][1].items():
            self.script += data


def says(J, tmp_path, **options):
    read = Page(mg.step_through(J, tmp_path / "pass.html", **options).read_text("utf-8"))
    assert read.open == []
    assert len(read.lines) == len(json.loads(read.script)["stages"])
    return read.lines


@pytest.mark.parametrize("build", gallery_page.PAGES, ids=lambda build: build.__name__)
def test_a_page_of_the_gallery_says_what_is_written_today(build, tmp_path):
    kept = Page((GALLERY / gallery_page.page_name(build)).read_text("utf-8"))
    assert kept.script == Page(mg.step_through(build(), tmp_path / "pass.html").read_text("utf-8")).script


def test_the_steps_of_two_paths(tmp_path):
    assert says(gallery.two_paths(), tmp_path) == [
        "Given: a = 1, b = 2.",
        "c = a + b = 3.",
        "d = b + 1 = 3.",
        "e = c·d = 9.",
        "Seed: ∂e/∂e = 1. The backward pass starts here.",
        "e = c·d: ∂e/∂c gets ∂e/∂e × ∂e/∂c = 1 × 3 = 3.",
        "e = c·d: ∂e/∂d gets ∂e/∂e × ∂e/∂d = 1 × 3 = 3.",
        "d = b + 1: ∂e/∂b gets ∂e/∂d × ∂d/∂b = 3 × 1 = 3. 1 of 2 contributions: ∂e/∂b = 3 + …",
        "c = a + b: ∂e/∂a gets ∂e/∂c × ∂c/∂a = 3 × 1 = 3.",
        "c = a + b: ∂e/∂b gets ∂e/∂c × ∂c/∂b = 3 × 1 = 3. All 2 have arrived: ∂e/∂b = 3 + 3 = 6.",
    ]


def test_steps_of_arrays_say_shapes_and_norms(tmp_path):
    W = mg.parameter([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "W")
    Z = (W * W).named("Z")
    said = says(mg.mean(Z).named("J"), tmp_path)
    assert said[0] == "Given: W is (2, 3), range 1 … 6."
    assert said[-2].endswith("∂J/∂W gets ∂J/∂Z ⊙ W, shape (2, 3), norm 1.59. 1 of 2 contributions: ‖∂J/∂W‖ = 1.59 so far")
    assert said[-1].endswith("All 2 have arrived: ‖∂J/∂W‖ = 3.18.")


def test_a_norm_on_the_way_is_that_of_the_running_total(tmp_path):
    """Contributions of norms 6 and 8 at right angles, and one that takes both back."""
    X = mg.parameter(np.ones((3, 3)), "X")
    first, second = np.zeros((3, 3)), np.zeros((3, 3))
    first[0, 0], second[0, 1] = 6.0, 8.0
    J = (mg.sum(X * first) + mg.sum(X * second) - mg.sum(X * (first + second))).named("J")
    norms = [line.rpartition("‖∂J/∂X‖ = ")[2] for line in says(J, tmp_path)[-3:]]
    running = [np.linalg.norm(line.running_total) for line in mg.backward(J).ledger if line.input is X]
    assert norms == [f"{running[0]:.3g} so far", f"{running[1]:.3g} so far", "0."]


def test_steps_of_small_arrays_write_them_out(tmp_path):
    w = mg.parameter([1.0, 2.0], "w")
    said = says(mg.sum(w * w).named("J"), tmp_path)
    assert said[-2].endswith("∂J/∂w gets w = [1 2]. 1 of 2 contributions: ∂J/∂w = [1 2] + …")


def test_partial_sums_of_many_contributions(tmp_path):
    x = mg.parameter(2.0, "x")
    said = says((x + x + x + x + x + x).named("J"), tmp_path)
    assert [line.rpartition(" = ")[2] for line in said[-6:]] == [
        "1 + …", "1 + 1 + …", "1 + 1 + 1 + …", "1 + 1 + 1 + 1 + …", "5 + …", "6.",
    ]  # fmt: skip


def test_a_box_says_what_it_has_room_for(tmp_path):
    """The sentence writes a sum out; a box that ends with a total alone says what the sum came to."""
    x = mg.parameter(0.123, "x")
    J = mg.exp(x).named("u") + mg.sin(x).named("v") + mg.cos(x).named("w") + x**2 + x**3 + x
    read = Page(mg.step_through(J.named("J"), tmp_path / "pass.html").read_text("utf-8"))
    stages = zip(read.lines, json.loads(read.script)["stages"], strict=True)
    told = [(said, stage["gradients"]["n0"]) for said, stage in stages if "n0" in stage["gradients"]]
    assert all(row is None or row.count(" + ") == 1 for _, row in told)
    assert [said.count(" + …") for said, _ in told] == [1, 1, 1, 1, 1, 0]
    so_far = [line.running_total for line in mg.backward(J).ledger if line.input is x]
    assert [float(row.split(" ")[2]) for _, row in told[:-1]] == pytest.approx(so_far[:-1], rel=1e-3)
    assert told[2][0].rpartition("∂J/∂x = ")[2].count(" + ") == 3


def used_again_and_again(shape, uses):
    """A recurrent net in small: one parameter that each of its steps reads."""
    b = mg.parameter(np.arange(1.0, 1 + math.prod(shape)).reshape(shape), "b")
    h = mg.identity(b).named("h0")
    for number in range(1, uses):
        h = (h * 0.5 - b).named(f"h{number}")
    return b, (mg.sum(h) if shape else mg.identity(h)).named("J")


def read_array(text):
    """The entries that a row of a box says."""
    return np.array(text.replace("−", "-").strip("[]").replace(";", " ").split(), float)


@pytest.mark.parametrize("uses", range(1, 13))
@pytest.mark.parametrize("shape", [(), (1,), (2,), (1, 3), (2, 2), (5,), (2, 3)], ids=str)
def test_a_parameter_of_any_size_used_any_number_of_times(shape, uses, tmp_path, monkeypatch):
    monkeypatch.setattr("minigraph.pages.step_pictures.to_svg", lambda *_: "")
    b, J = used_again_and_again(shape, uses)
    read = Page(mg.step_through(J, tmp_path / "pass.html").read_text("utf-8"))
    grown = [stage["gradients"]["n0"] for stage in json.loads(read.script)["stages"] if "n0" in stage["gradients"]]
    arrived = [entry for entry in J.backward() if entry.input is b]
    assert len(grown) == len(arrived) == uses
    assert grown[-1] is None, "all have arrived"
    for row, entry in zip(grown[:-1], arrived, strict=False):
        name, _, rest = row.removesuffix(" + …").partition(" = ")
        total = entry.running_total
        if b.size <= 4:
            assert name == "∂J/∂b"
            said = sum(read_array(term.strip("()")) for term in rest.split(" + "))
            assert said == pytest.approx(np.ravel(total), abs=2e-2 * np.abs(total).max())
        else:
            assert name == "‖∂J/∂b‖"
            assert float(rest.removesuffix(" so far")) == pytest.approx(np.linalg.norm(total), rel=6e-3)
        assert len(row) <= 70
    for direction in ("forward", "backward", "both"):
        assert "∂J/∂b" in mg.draw(J, direction).source or direction == "forward"
    assert "∂J/∂b" in str(mg.explain(J)) and "∂J/∂b" in str(mg.explain(J, b))
    assert str(J.backward()).count("\n") == 1 + len(J.backward())


def test_a_seed_that_is_an_array_and_many_leaves(tmp_path):
    Z = mg.parameter([[1.0] * 5], "Z")
    assert "Seed: ∂y/∂y, shape (1, 5), norm 4.47. The backward pass starts here." in says(
        mg.backward((Z * 2).named("y"), seed=[[2.0] * 5]), tmp_path
    )
    J = mg.parameter(0.0, "p0")
    for number in range(1, 15):
        J = J + mg.parameter(0.0, f"p{number}")
    assert says(J, tmp_path)[0].endswith("p₁₁ = 0 and 3 more.")


def test_the_page_is_one_small_file_that_loads_nothing(page):
    text = page.read_text("utf-8")
    assert len(text.encode()) < 60_000
    assert len(mg.step_through(gallery.one_hidden_layer()).text.encode()) < 140_000, "four pictures"
    read = Page(text)
    assert read.addresses == []
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert len(read.lines) == 10


def test_the_same_page_every_time(page, tmp_path):
    assert mg.step_through(gallery.two_paths(), tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_a_leaf_is_gone_through(tmp_path):
    assert says(mg.parameter(2.0, "x"), tmp_path) == ["Given: x = 2.", "Seed: ∂x/∂x = 1. The backward pass starts here."]
    assert "∂x/∂x = 1 (seed)" in mg.draw(mg.parameter(2.0, "x"), "backward").source


def test_what_is_too_large_or_no_node_or_no_direction_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a page of 5 boxes can't be read \(max_boxes is 4\)"):
        mg.step_through(gallery.two_paths(), tmp_path / "pass.html", max_boxes=4)
    with pytest.raises(TypeError, match="step_through: give a node"):
        mg.step_through("J", tmp_path / "pass.html")
    with pytest.raises(ValueError, match="step_through: rankdir is 'LR' or 'TB' or 'RL' or 'BT', not 'down'"):
        mg.step_through(gallery.two_paths(), tmp_path / "pass.html", rankdir="down")
    assert not list(tmp_path.iterdir())


def test_without_a_renderer_the_page_has_its_list(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rendering.importlib.util, "find_spec", lambda name: None)
    with pytest.warns(UserWarning, match="has no picture: there is no Graphviz here"):
        path = mg.step_through(gallery.two_paths(), tmp_path / "pass.html")
    text = path.read_text("utf-8")
    assert len(Page(text).lines) == 10
    assert '<div class="view" id="view0"><p>No picture: there is no Graphviz here' in text  # seen: no script opens it


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters() | st.sampled_from("<>&\"'\\$\n\x00\ud800"), min_size=1, max_size=15))
@example("</script><script>alert(1)</script>")
@example("<!--")
@example("${steps}")
@example(r"\u003c")
@example("Pi")
def test_hostile_names_leave_the_page_valid(tmp_path, name):
    a = mg.parameter(2.0, name)
    read = Page(mg.step_through((a * a).named("J" + name), tmp_path / "pass.html").read_text("utf-8"))
    assert read.open == []
    assert [tag for tag, _ in read.tags].count("script") == 2
    shown = as_drawn(cleaned(name))[:20].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")).split()
    plain = read.lines[0].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    assert "".join(shown) in "".join(plain.split())
