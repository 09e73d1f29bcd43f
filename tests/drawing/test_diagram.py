"""`mg.draw` from outside: options, files, notebooks, the three ways to render, hostile names, large graphs."""

import os
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from figures import gallery, read_svg
from gradients import has_no_gradient
from hypothesis import example, given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.drawing import RenderingError, rendering
from minigraph.drawing.markup import cleaned, lines
from minigraph.formulas.spelling import as_drawn, with_letters

SNAPSHOTS = Path(__file__).with_name("snapshots")
STABLE = [picture for picture in gallery.PICTURES if picture.build is not gallery.trained_net]


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
    assert source == file.read_text(encoding="utf-8")


def test_dot_is_the_same_in_every_run_and_under_every_hash_seed():
    code = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('make', sys.argv[1]); "
        "make = importlib.util.module_from_spec(spec); sys.modules['make'] = make; spec.loader.exec_module(make); "
        "[print(make.Picture(build, 'both', {}).draw().source) for build in (make.five_layers, make.shared_step)]"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code, gallery.__spec__.origin],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True,
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
    ("ending", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_save_writes_what_the_ending_says(tmp_path, ending, begin):
    path = mg.draw(product(), "backward").save(tmp_path / f"picture.{ending}")
    assert path == tmp_path / f"picture.{ending}"
    assert path.read_bytes().startswith(begin)
    assert [file.name for file in tmp_path.iterdir()] == [path.name], "nothing else is left behind"


def test_save_refuses_other_endings_and_missing_folders(tmp_path):
    diagram = mg.draw(product())
    with pytest.raises(ValueError, match=r"should end in \.svg, \.png, \.pdf or \.dot"):
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
    assert root.get("width") is root.get("height") is None
    assert root.get("viewBox")
    assert "max-width:100%" in root.get("style")
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


# Hostile names

ISOLATES = "\u2068\u2069\u200e"
HOSTILE = [
    "<b>", '"; }', r"\N", r"\G", r"\Theta", r"\Gammas", r"\\", "x\\", r"a\nb\lc\rd", r"\E\T\H\L", r"\hat y",
    "a & b &lt; &#92; &amp;amp;",
    "\x00", "מחיר", "שלום עולם", "סכום (א, ב)", "السعر 3", "x מחיר", "\u202etxt.exe", "\u2067a\u2066b\u2068c",
    "🙂", "👩‍👩‍👧",
    "</script>--><!--]]>", "${title} $title %s", "W12", "a_1", "ŷ", "=", " = ", "−x", "x" * 10_000,
]  # fmt: skip


def bare(text):
    """What of a text can be seen, without blanks; digits below the line as digits."""
    seen = re.sub("[\u202a-\u202e\u2066-\u2069\u200e]", "", cleaned(text))
    return "".join(seen.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")).replace("\xa0", " ").split())


def survives(name, seen):
    """Whether a name came out as itself: each of its characters, blanks and what nobody can see aside."""
    text = " ".join(seen)
    return any(bare(spell(name)) in bare(spell(text)) for spell in (with_letters, as_drawn))


names = st.text(
    st.characters() | st.sampled_from("<>&\"'\\{}|$%;\n\r\t\x00\x1b\x7f\u200f\u202e\u2028\ud800\ufffeGNTHELnlrא١"),
    min_size=1,
    max_size=20,
)


def hostile(test):
    for name in HOSTILE:
        test = example(name)(test)
    return given(names)(test)


@hostile
def test_hostile_names_come_out_as_themselves(name):
    a = mg.parameter(2.0, name)
    with mg.group(name):
        J = (a * a * a).named("J" + name)
    picture = read_svg(mg.draw(J, "backward", title=name).svg)
    assert survives(name, picture.tips), "in full in the tooltip"
    assert survives(name[:15], picture.texts)
    assert survives(name[:15], picture.boxes["n0"][:1]), "in its box"
    assert survives(name[:15], picture.edges["e0_1_0"]), "on an edge"
    assert len([text for text in picture.texts if survives(name[:15], [text])]) >= 5, "as a group's and the picture's title"
    assert sorted(picture.boxes) == ["n0", "n1"]
    assert sorted(picture.edges) == ["e0_1_0", "e0_1_1", "e0_1_2"]


@hostile
def test_hostile_names_in_explanations(name):
    a = mg.parameter(2.0, name)
    J = (a * a).named("J" + name)
    for told in (str(mg.explain(J)), str(mg.explain(J, a)), str(J.backward())):
        assert survives(name[:15], [told])
    assert not re.search("[\u202a-\u202e]", str(mg.explain(J, a)))


def test_tex_letters_are_drawn_as_letters():
    gamma, theta = mg.parameter(2.0, r"\Gamma"), mg.parameter(3.0, r"\theta1")
    with mg.group(r"\Omega · \N"):
        J = (gamma * theta).named(r"\hat J")
    assert r"Ω · \N" in read_svg(mg.draw(J, title=r"\psi").svg).texts
    assert "Ω" in read_svg(mg.draw(J, level="groups").svg).texts
    picture = read_svg(mg.draw(J, "backward").svg)
    assert picture.boxes["n0"] == ["Γ", r"∂\hat J/∂Γ = 3"]
    assert picture.boxes["n1"] == ["θ₁", r"∂\hat J/∂θ₁ = 2"]
    assert r"\hat J = Γ·θ₁" in picture.boxes["n2"]
    assert picture.edges["e1_2_1"][0] == r"∂\hat J/∂θ₁ = Γ = 2"
    assert mg.explain(J, gamma).latex.count(r"\Gamma") > 1


def test_names_from_right_to_left_turn_nothing_around():
    price, count = mg.parameter(3.0, "מחיר"), mg.parameter(2.0, "a")
    J = (price * count + price).named("סכום")
    isolated = "\u2068מחיר\u2069"
    view = mg.draw(J, "backward").view
    assert view.boxes[0].rows[1].text == f"∂\u2068סכום\u2069/∂{isolated} = 1 + 2 = 3"
    assert view.title == f"Backward pass   \u2068סכום\u2069 = {isolated}·a + {isolated}"
    for line in ET.fromstring(mg.draw(J, "backward").svg).iter("{http://www.w3.org/2000/svg}text"):
        text = line.text or ""
        assert text.count("\u2068") == text.count("\u2069")
        assert text.startswith("\u200e") == ("\u2068" in text), "what begins from the right would turn the line"
    assert "\u2068" not in mg.draw(mg.parameter(1.0, "x") * 2.0).source


def test_a_name_that_is_broken_into_lines_is_isolated_on_each():
    assert lines("\u2068אחת שתיים שלוש\u2069 = a + b", 8, 48) == [
        "\u2068אחת\u2069", "\u2068שתיים\u2069", "\u2068שלוש\u2069 =", "a + b",
    ]  # fmt: skip
    assert lines("\u2068אחת שתיים שלוש\u2069 = a + b", 80, 9) == ["\u2068אחת שתי…\u2069"]


# Nodes of one name


def twins():
    a, other = mg.parameter(1.0, "a"), mg.parameter(2.0, "a")
    return a, other, (a * a + other).named("J")


def test_nodes_of_one_name_are_told_apart_alike_everywhere(tmp_path):
    a, other, J = twins()
    with pytest.warns(mg.GraphWarning) as warned:
        picture = read_svg(mg.draw(J, "both").svg)
    assert str(warned[0].message) == (
        f"draw: 2 nodes are named 'a', made at {a.made_at}. They are written a [1], a [2], in the order in which they were "
        "made. Give each a name of its own."
    )
    assert warned[0].filename == __file__
    assert [picture.boxes[box][0] for box in ("n0", "n1")] == ["a [1]", "a [2]"]
    assert picture.boxes["n2"][1:] == ["J =", "a [1]·a [1] + a [2]", "= 3", "∂J/∂J = 1 (seed)"]
    assert picture.edges["e1_2_2"] == ["∂J/∂a [2] = 1"]
    told = str(mg.explain(J, other)).splitlines()
    assert told[:2] == ["J = a [1]·a [1] + a [2] at a [1] = 1, a [2] = 2", "∂J/∂a [2] = 1"]
    assert "2. a [2]: ready, since its only user J is done." in str(mg.explain(J))
    assert r"\frac{\partial J}{\partial a\,[2]} & = 1" in mg.explain(J, other).latex
    assert "4  a [1]·a [1]  a [1]        ∂J/∂(a [1]·a [1])·a [1]" in str(J.backward())
    assert str(mg.nudge(J, other)).startswith("nudge: a [2] + 0.001 moves J")
    assert str(mg.compare(J, a, 2.0)).startswith("✓ The gradient of a [1] is right")
    assert "it is the gradient of another node, a [2]" in str(mg.compare((3 * a + 7 * other).named("K"), a, 7.0))
    page = mg.step_through(J, tmp_path / "pass.html").read_text("utf-8")
    assert "Given: a [1] = 1, a [2] = 2." in page


def test_nodes_of_one_name_are_warned_about_once():
    _, other, J = twins()
    with pytest.warns(mg.GraphWarning) as warned:
        for _ in range(3):
            mg.draw(J, "backward")
            mg.explain(J, other)
        mg.draw((J * 2).named("K"))
    assert len(warned) == 1
    _, other, J = twins()
    with pytest.warns(mg.GraphWarning, match="explain: 2 nodes are named 'a'"):
        mg.explain(J, other)
    _, _, J = twins()
    with pytest.warns(mg.GraphWarning, match="explain: 2 nodes are named 'a'"):
        mg.explain(J)


def test_many_nodes_of_few_names():
    h = mg.parameter(0.5, "h")
    for _ in range(4):
        h = mg.tanh(h * mg.parameter(2.0, "w")).named("h")
    with pytest.warns(
        mg.GraphWarning, match=r"5 nodes are named 'h', .*written h \[1\], h \[2\], h \[3\], ….*So is 1 other name\.$"
    ):
        view = mg.draw(h).view
    assert view.boxes[-1].rows[0].text == "h [5] = tanh(h [4]·w [4])"


def test_a_mark_is_not_the_name_of_another_node_and_survives_clipping():
    first, second, third = (mg.parameter(1.0, name) for name in ("a", "a [1]", "a"))
    J = (first * second * third).named("J")
    with pytest.warns(mg.GraphWarning, match=r"written a \[2\], a \[3\]"):
        assert mg.draw(J).view.title == "Forward pass   J = a [2]·a [1]·a [3]"
    J = (mg.parameter(1.0, "x" * 30 + "1") * mg.parameter(2.0, "x" * 30 + "2")).named("J")
    rows = [box.rows[0].text for box in mg.draw(J).view.boxes]
    assert rows[:2] == ["x" * 23 + "… [1]", "x" * 23 + "… [2]"], "names that are cut alike"
    J = (mg.parameter(1.0, "W1") * mg.parameter(2.0, "W₁")).named("J")
    with pytest.warns(mg.GraphWarning):
        assert mg.draw(J).view.title == "Forward pass   J = W₁ [1]·W₁ [2]"


# Rendering


WHEEL = f'exec "{sys.executable}" "{Path(rendering.__file__).with_name("pygraphviz_process.py")}" "$@"'


def stand_in(folder, monkeypatch, script, *, wheel=True):
    """A program `dot`, alone on PATH; without the wheel if that is asked."""
    path = os.environ["PATH"]
    dot = folder / "dot"
    dot.write_text(f"#!/bin/sh\nPATH='{path}'\n{script}\n")
    dot.chmod(dot.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    if not wheel:
        monkeypatch.setattr(rendering, "_wheel", list)
    return dot


def test_dot_on_path_is_used_first(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, f"echo >> '{tmp_path}/asked'; {WHEEL}", wheel=False)
    assert "<svg" in mg.draw(product()).svg
    assert (tmp_path / "asked").read_text() == "\n\n", "one box on trial, then the picture"
    mg.draw(product(), "backward").save(tmp_path / "u.svg")
    assert (tmp_path / "asked").read_text() == "\n\n\n", "it is tried out once"


BROKEN = {
    "exits with 1": ("exit 1", "svg", "exit code 1"),
    "crashes": ("echo 'libgvc.so.6: cannot open shared object file' >&2; exit 127", "svg", "libgvc.so.6: cannot open"),
    "prints nothing": ("exit 0", "png", "what came is no png"),
    "prints rubbish": ("echo rubbish", "svg", "what came is no svg"),
    "knows another format only": ("set -- -Tsvg; " + WHEEL, "png", "what came is no png"),
    "has no cairo": ("""echo 'Format: "png" not recognized. Use one of: dot svg' >&2; exit 1""", "png", "not recognized"),
    "has no expat": (
        "echo 'Warning: Not built with libexpat. Table formatting is not available. in label of node a' >&2; " + WHEEL,
        "svg", "Not built with libexpat",
    ),
    "hangs": ("exec sleep 60", "svg", "it was stopped after 0.3 seconds"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_dot_that_can_not_draw_is_left_out_and_it_is_said_why(fault, tmp_path, monkeypatch):
    script, ending, why = BROKEN[fault]
    monkeypatch.setattr(rendering, "TRIAL_LIMIT", 0.3 if fault == "hangs" else 30.0)
    dot = stand_in(tmp_path, monkeypatch, script)
    with pytest.warns(UserWarning, match=f"the program {dot} can't draw one box as {ending}: .*{re.escape(why)}") as warned:
        saved = mg.draw(product()).save(tmp_path / f"u.{ending}")
        mg.draw(product(), "backward").save(tmp_path / f"v.{ending}")
    assert len(warned) == 1, "told once, not for every picture"
    assert warned[0].filename == __file__
    assert str(warned[0].message).endswith("The picture was drawn by the pygraphviz wheel instead.")
    assert rendering._BEGINNINGS[ending] in saved.read_bytes()[:1000]


def test_a_broken_dot_alone_is_named_not_the_graph(tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "TRIAL_LIMIT", 0.3)
    dot = stand_in(tmp_path, monkeypatch, "exec sleep 60", wheel=False)
    with pytest.warns(UserWarning, match=f"{dot} can't draw one box as svg: it was stopped after 0.3 seconds") as warned:
        assert mg.draw(product()).save(tmp_path / "u.svg") == tmp_path / "u.dot"
    assert "too dense" not in str(warned[0].message)
    assert "minigraph[render]" in str(warned[0].message)


def test_a_dot_that_is_no_program(tmp_path, monkeypatch):
    dot = stand_in(tmp_path, monkeypatch, "", wheel=False)
    dot.write_text("not a program")
    with pytest.raises(RenderingError, match="could not be run"):
        rendering.render("digraph {}", "svg")


def test_a_sound_dot_that_takes_too_long_has_a_dense_graph(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, f"test -e '{tmp_path}/tried' && exec sleep 60; touch '{tmp_path}/tried'; {WHEEL}")
    with pytest.raises(RenderingError, match=r"stopped after 0.2 seconds: the graph is too dense"):
        rendering.render("digraph {}", "svg", time_limit=0.2)


def test_pygraphviz_is_used_without_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rendering._wheel()[0] == sys.executable
    assert mg.draw(product()).save(tmp_path / "u.png").read_bytes().startswith(b"\x89PNG")


def test_without_any_renderer_there_is_dot_and_one_message(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rendering.importlib.util, "find_spec", lambda name: None)
    diagram = mg.draw(product())
    with pytest.warns(UserWarning, match=r"u\.dot was written instead.*minigraph\[render\]") as warned:
        path = diagram.save(tmp_path / "u.svg")
    assert len(warned) == 1
    assert path == tmp_path / "u.dot"
    assert path.read_text("utf-8") == diagram.source
    assert "minigraph[render]" in diagram._repr_mimebundle_()["text/plain"]
    assert "image/svg+xml" not in diagram._repr_mimebundle_()


def test_a_graph_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(rendering, "TIME_LIMIT", 0.001)
    with pytest.warns(UserWarning, match="was stopped after 0.001 seconds"):
        assert mg.draw(product()).save(tmp_path / "u.pdf").name == "u.dot"


def test_complaints_of_graphviz_are_failures():
    with pytest.raises(RenderingError, match="no sound picture"):
        rendering.render("digraph { a [label=<<B>open>] }", "svg")
    with pytest.raises(RenderingError, match="no sound picture"):
        rendering.render("digraph {", "svg")


def test_svg_of_an_unknown_kind_is_refused(monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda source, picture_format: b"<svg/>")
    with pytest.raises(RenderingError, match="unknown kind"):
        rendering.to_svg("digraph {}", "title")


def test_fonts_of_matplotlib_are_offered_and_a_setting_of_the_users_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    settings = rendering._fonts(tmp_path)
    configuration = ET.parse(settings["FONTCONFIG_FILE"]).getroot()
    assert list(Path(configuration.findtext("dir")).glob("DejaVuSans.ttf"))
    assert Path(configuration.findtext("cachedir")) == tmp_path
    monkeypatch.setenv("FONTCONFIG_FILE", "mine.conf")
    assert rendering._fonts(tmp_path) == {}


# Large graphs and time


def chain(length):
    x = mg.parameter(0.5, "x")
    for number in range(length):
        x = mg.tanh(x).named(f"h{number}")
    return x


def test_of_a_graph_that_is_too_large_the_end_is_drawn_and_said_to_be():
    view = mg.draw(chain(1000), "backward").view
    assert view.title == "Backward pass of h₉₉₉   (the last 300 of 1,001 boxes)"
    assert len(view.boxes) == 300
    assert view.boxes[-1].rows[0].text == "h₉₉₉ = tanh(h₉₉₈)"


def test_groups_are_drawn_where_there_are_too_many_steps():
    J = gallery.layers([2] * 120 + [1], mg.tanh, "tanh")
    view = mg.draw(J, "backward").view
    assert len(view.boxes) == 123
    assert view.boxes[5].rows[0].text.startswith("Layer")


def test_a_hundred_thousand_steps_are_reduced_or_refused():
    J = chain(100_000)
    assert len(mg.draw(J).view.boxes) == 300
    with pytest.raises(ValueError, match="a backward pass through 100,001 boxes is too much"):
        mg.draw(J, "backward")


def test_three_hundred_boxes_are_drawn():
    J = chain(299)
    assert mg.draw(J.backward(), "backward").source.count("mg-node") == 300


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
    folder = Path(gallery.__spec__.origin).parent
    assert (folder / "index.md").read_text("utf-8") == gallery.page()
    drawn = {f"{picture.name}.svg" for picture in gallery.PICTURES} | {gallery.page_name(build) for build in gallery.PAGES}
    assert {file.name for file in folder.iterdir() if file.suffix in (".svg", ".html")} == drawn
    for picture in (gallery.PICTURES[1], gallery.PICTURES[8]):
        kept = read_svg((folder / f"{picture.name}.svg").read_text("utf-8"))
        assert kept.texts == read_svg(picture.draw().svg).texts


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
    assert len(mg.draw(chain(20), level="groups", max_boxes=5).view.boxes) == 5
