"""`mg.draw` from outside: options, files, notebooks, large graphs, the gallery."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from figures import GALLERY, gallery, gallery_page, read_svg
from gradients import has_no_gradient

import minigraph as mg

SNAPSHOTS = Path(__file__).with_name("snapshots")
LARGE = (gallery.three_hundred_nodes, gallery.thousand_nodes)  # more than anybody reviews
STABLE = [picture for picture in gallery_page.PICTURES if picture.build not in (gallery.trained_net, *LARGE)]


def product():
    b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    return (b * c).named("u")


@pytest.mark.parametrize("picture", STABLE, ids=lambda picture: picture.name)
def test_dot_is_as_reviewed(picture):
    """Run with MINIGRAPH_SNAPSHOTS=write to accept changes; git shows them."""
    source = picture.draw().source
    file = SNAPSHOTS / f"{picture.name}.dot"
    if os.environ.get("MINIGRAPH_SNAPSHOTS") == "write":
        file.write_text(source, encoding="utf-8")
    assert source == file.read_text(encoding="utf-8"), "if it is meant so: MINIGRAPH_SNAPSHOTS=write, and look at it"


def test_dot_is_the_same_in_every_run_and_under_every_hash_seed():
    code = (
        "import graphs, make; "
        "[print(make.Picture(build, 'both', {}).draw().source) for build in (graphs.five_layers, graphs.shared_step)]"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed}, cwd=GALLERY, capture_output=True, check=True,
        ).stdout
        for seed in ("0", "4711")
    ]  # fmt: skip
    assert made[0] == made[1] != b""


def test_drawing_twice_gives_the_same_bytes():
    J = gallery.logistic_regression()
    assert mg.draw(J, "both").source == mg.draw(J, "both").source
    assert mg.draw(J, "both").svg == mg.draw(J, "both").svg


def test_drawing_leaves_grad_alone():
    u = product()
    mg.draw(u, "backward")
    assert has_no_gradient(u.inputs[0])


def test_importing_minigraph_does_not_import_graphviz():
    code = "import sys, minigraph; assert 'graphviz' not in sys.modules; minigraph.draw; assert 'graphviz' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# Files and notebooks


@pytest.mark.parametrize(
    ("ending", "begin"),
    [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("tex", b"% Backward"), ("dot", b"digraph")],
)
def test_save_writes_what_the_ending_says(tmp_path, ending, begin):
    path = mg.draw(product(), "backward").save(tmp_path / f"picture.{ending}")
    assert path == tmp_path / f"picture.{ending}"
    assert path.read_bytes().startswith(begin)
    assert [file.name for file in tmp_path.iterdir()] == [path.name], "nothing else is left behind"


def test_save_refuses_other_endings_and_missing_folders(tmp_path):
    diagram = mg.draw(product())
    with pytest.raises(ValueError, match=r"should end in \.svg, \.png, \.pdf, \.tex or \.dot"):
        diagram.save(tmp_path / "picture.jpeg")
    with pytest.raises(FileNotFoundError, match="is no folder"):
        diagram.save(tmp_path / "nowhere" / "picture.dot")


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(name, tmp_path, monkeypatch):
    path = mg.draw(product()).save(tmp_path / "picture.dot")
    before = path.read_bytes()

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, name, fail)
    with pytest.raises(OSError, match="disk full"):
        mg.draw(product(), "backward").save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["picture.dot"]


def test_a_file_may_be_a_link_and_have_a_long_name(tmp_path):
    path, link = tmp_path / ("図" * 80 + ".dot"), tmp_path / "link.dot"
    link.symlink_to(path)
    diagram = mg.draw(product())
    assert diagram.save(link) == link
    assert link.is_symlink() and path.read_bytes() == diagram.source.encode()


def test_the_svg_scales_to_its_column_and_two_on_a_page_share_no_id():
    one, two = mg.draw(product()).svg, mg.draw(product(), "backward").svg
    root = ET.fromstring(one)
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top, root.get("width"), root.get("height")) == (0, 0, f"{width:g}pt", f"{height:g}pt")
    assert root.get("style") == f"width:{width:g}pt;max-width:100%;height:auto", (
        "on a page it scales, as an image it has a size"
    )
    assert root.get("aria-label") == "Forward pass   u = b·c"
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_notebook_shows_svg():
    diagram = mg.draw(product())
    bundle = diagram._repr_mimebundle_()
    assert bundle["image/svg+xml"] == diagram.svg
    assert bundle["text/plain"] == repr(diagram) == "<diagram 'Forward pass   u = b·c': 3 boxes, 2 edges>"


# Options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "sideways"}, "direction is 'forward' or 'backward' or 'both', not 'sideways'"),
        ({"level": "layers"}, "level is 'steps' or 'groups'"),
        ({"style": "comic"}, "style is 'expressions' or 'circuit'"),
        ({"rankdir": "down"}, "draw: rankdir is 'LR' or 'TB' or 'RL' or 'BT', not 'down'"),
        ({"style": "circuit", "level": "groups"}, 'goes with level="steps"'),
    ],
)
def test_options_that_do_not_exist_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        mg.draw(product(), **options)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match="draw: give a node or a backward pass, not float"):
        mg.draw(3.0)
    with pytest.raises(ValueError, match="depends on no parameter"):
        mg.draw(mg.data(1.0, "x") * 2, "backward")
    with pytest.raises(mg.ShapeError, match="not a scalar"):
        mg.draw(mg.parameter([1.0, 2.0], "x") * 2, "backward")


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_parameters_beside_their_step_keep_their_rule(rankdir):
    picture = read_svg(mg.draw(gallery.one_hidden_layer(), "backward", rankdir=rankdir).svg)
    assert "∂J/∂Z₁ · Xᵀ" in picture.texts
    assert "row sum of ∂J/∂Z₁" in picture.texts
    assert ("∂J/∂Z₁ · Xᵀ" in picture.boxes["n2"]) == (rankdir == "LR"), "left to right it stands in the parameter's box"


# Large graphs and time


def chain(length):
    x = mg.parameter(0.5, "x")
    for number in range(length):
        x = mg.tanh(x).named(f"h{number}")
    return x


def test_a_graph_that_is_too_large_is_folded_and_said_to_be():
    view = mg.draw(chain(1000), "backward").view
    assert view.title == "Backward pass of h₉₉₉   (1,001 steps in 12 boxes; max_boxes=1001 shows all)"
    assert len(view.boxes) == 12
    assert view.boxes[0].rows[0].text == "h₀ … h₁₄₁"
    assert view.boxes[-1].rows[0].text == "h₉₉₉ = tanh(h₉₉₈)"


def test_groups_are_drawn_where_there_are_too_many_steps():
    J = gallery.layers([2] * 120 + [1], mg.tanh, "tanh")
    view = mg.draw(J, "backward").view
    folded = [box for box in view.boxes if box.look == "group"]
    assert [box.rows[0].text for box in folded] == ["Layers 2 … 119 (× 118)"]
    assert len(mg.draw(J, "backward", repeats=True, max_boxes=200).view.boxes) == 123


def test_a_hundred_thousand_steps_are_reduced_or_refused():
    J = chain(100_000)
    assert len(mg.draw(J).view.boxes) == 12
    assert len(mg.draw(J, style="circuit", max_boxes=30).view.boxes) == 31
    with pytest.raises(ValueError, match="a backward pass through 100,001 boxes is too much"):
        mg.draw(J, "backward")


def test_three_hundred_boxes_are_drawn():
    J = chain(299)
    assert mg.draw(J.backward(), "backward", max_boxes=300).source.count("mg-node") == 300


def test_the_picture_is_of_the_moment_when_it_was_drawn():
    v = mg.parameter(11.0, "v")
    diagram = mg.draw((3 * v).named("J"))
    v.value = 12.0
    assert "= 33" in diagram.source
    assert "= 36" not in diagram.source


def test_size_1_in_float32_and_numpy_scalars():
    w = mg.parameter(np.float32([[2.0]]), "w")
    assert "∂J/∂w = 1" in mg.draw(w.sum().named("J"), "backward").source


def test_the_gallery_is_what_its_script_makes():
    assert (GALLERY / "index.md").read_text("utf-8") == gallery_page.page()
    drawn = {f"{picture.name}.svg" for picture in gallery_page.PICTURES} | {
        gallery_page.page_name(build) for build in gallery_page.PAGES
    }
    drawn |= {saved.file for saved in gallery_page.SAVED}
    assert {file.name for file in GALLERY.iterdir() if file.suffix in (".svg", ".html", ".tex")} == drawn


@pytest.mark.parametrize("picture", STABLE, ids=lambda picture: picture.name)
def test_the_pictures_of_the_gallery_have_the_colours_of_today(picture):
    kept, made = (GALLERY / f"{picture.name}.svg").read_text("utf-8"), picture.draw().source.lower()
    foreign = {colour for colour in re.findall(r'"(#[0-9a-f]{6})"', kept) if colour not in made}
    assert not foreign, f"python docs/gallery/make.py draws them anew; these are no longer in the theme: {foreign}"


@pytest.mark.parametrize("saved", gallery_page.SAVED, ids=lambda saved: saved.file)
def test_the_moving_pictures_and_those_for_latex_say_what_is_drawn_today(saved, tmp_path):
    kept = (GALLERY / saved.file).read_text("utf-8")
    made = saved.picture.draw().save(tmp_path / saved.file, **saved.options).read_text("utf-8")
    if saved.file.endswith(".svg"):
        assert "@keyframes" in kept
        assert read_svg(kept).texts == read_svg(made).texts
    else:
        assert re.findall(r"\$[^$]*\$", kept) == re.findall(r"\$[^$]*\$", made) != []


def test_the_page_of_the_gallery_is_short_until_something_is_opened():
    closed = re.sub(r"<details>.*?</details>", "", gallery_page.page(), flags=re.DOTALL)
    assert "![" not in closed and "```" not in closed
    assert len(closed.split("\n\n")) < 80


@pytest.mark.parametrize("picture", STABLE, ids=lambda picture: picture.name)
def test_a_picture_of_the_gallery_says_what_is_drawn_today(picture):
    kept = (GALLERY / f"{picture.name}.svg").read_text("utf-8")
    assert read_svg(kept).texts == read_svg(picture.draw().svg).texts


def test_an_operation_of_the_users_is_drawn_like_any_other():
    class Twice(mg.LinearMap):
        def pull(self, cotangent):
            return 2 * cotangent

    class Doubled(mg.Elementwise):
        def forward(self, x):
            return 2 * x

        def derivatives(self, y, x):
            return [Twice()]

    W = mg.parameter([[1.0, 2.0]], "W")
    J = Doubled()(W).sum().named("J")
    picture = read_svg(mg.draw(J, "backward", fold=False).svg)
    assert picture.boxes["n1"] == ["#2", "s₁ = doubled(W)", "1×2", "∂J/∂s₁ = [1 1]"]
    assert picture.edges["e0_1_0"] == ["Twiceᵀ(∂J/∂s₁)"]
    assert picture.boxes["n0"] == ["W", "1×2", "∂J/∂W = [2 2]"]


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
def test_every_direction_can_be_rendered(rankdir):
    picture = read_svg(mg.draw(gallery.one_hidden_layer(), "both", rankdir=rankdir).svg)
    assert {"∂J/∂Z₁ · Xᵀ", "row sum of ∂J/∂Z₁", "∂J/∂A₁ ⊙ (1 − A₁²)"} <= set(picture.texts)


def test_groups_joined_by_two_edges_have_two_ids_and_keep_the_limit():
    x = mg.parameter(2.0, "x")
    with mg.group("first"):
        a, b = (2 * x).named("a"), (3 * x).named("b")
    with mg.group("second"):
        J = (a * b).named("J")
    edges = mg.draw(J, level="groups").view.edges
    assert [edge.id for edge in edges] == ["e0_1_0", "e0_1_1"]
    assert len(mg.draw(chain(20), level="groups", max_boxes=5).view.boxes) == 3
