"""The ways to render, and what is done where one is missing, broken or slow."""

import os
import re
import shlex
import stat
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from figures import SVG as IN_SVG
from figures import gallery, read_svg

import minigraph as mg
from minigraph.drawing import RenderingError, rendering
from minigraph.drawing.centring import centred


def product():
    b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    return (b * c).named("u")


# Rendering


def test_rows_stand_in_the_middle_of_their_boxes_whatever_the_font():
    for J in (gallery.two_paths(), gallery.one_hidden_layer(), gallery.recurrent_net()):
        for style in ("expressions", "circuit"):
            root = ET.fromstring(mg.draw(J, "both", style=style).svg)
            boxes = [group for group in root.iter(f"{IN_SVG}g") if "mg-node" in group.get("class", "")]
            shapes = [
                next(part for part in box.iter() if part.tag[len(IN_SVG) :] in ("polygon", "path", "ellipse"))
                for box in boxes
            ]
            for box, shape in zip(boxes, shapes, strict=True):
                numbers = [
                    float(x) for x in re.findall(r"-?[\d.]+", shape.get("points") or shape.get("d") or shape.get("cx"))
                ]
                across = numbers if shape.get("cx") else numbers[::2]
                middle = (min(across) + max(across)) / 2
                rows = {}
                for text in box.iter(f"{IN_SVG}text"):
                    rows.setdefault(text.get("y"), []).append(text)
                assert rows
                for *before, last in rows.values():
                    assert last.get("text-anchor") == "middle"
                    if before:  # #1 in front of a formula
                        assert middle < float(last.get("x")) < 2 * middle - float(before[0].get("x"))
                    else:
                        assert float(last.get("x")) == pytest.approx(middle, abs=0.3)


def test_a_box_without_a_shape_is_left_as_it_is():
    box = '<g id="n0" class="node x">\n<text text-anchor="start" x="1" y="2">a</text>\n</g>\n'
    assert centred(box) == box


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_what_takes_too_long_is_folded_and_that_is_said(ending, tmp_path, monkeypatch):
    slow = f"""cat > {tmp_path}/given; if grep -q n59 {tmp_path}/given; then exec sleep 60; fi; < {tmp_path}/given {WHEEL}"""
    stand_in(tmp_path, monkeypatch, slow, wheel=False)
    monkeypatch.setattr(rendering, "TIME_LIMIT", 5.0)
    J = gallery.sixty_steps()
    diagram = mg.draw(J, max_boxes=100)
    with pytest.warns(UserWarning, match=r"stopped after 5 seconds: .* The picture is folded instead"):
        path = diagram.save(tmp_path / f"picture.{ending}")
    assert path.suffix == f".{ending}" and path.exists()
    if ending == "svg":
        assert "(61 steps in 12 boxes; a larger picture shows all)" in " ".join(read_svg(path.read_text("utf-8")).texts)
    circuit = mg.draw(J, style="circuit", max_boxes=100)
    with pytest.raises(RenderingError, match="too dense to lay out"):
        circuit.svg  # noqa: B018  # it has no folded form


WHEEL = f'exec {shlex.join(rendering._wheel())} "$@"'


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


SVG = '<svg width="8pt" height="8pt" viewBox="0 0 8 8"><g/></svg>'


@pytest.fixture
def register():
    """Registering renderers, which are gone after the test."""
    before = dict(rendering.RENDERERS)
    yield mg.register_renderer
    rendering.RENDERERS.clear()
    rendering.RENDERERS.update(before)


def test_a_renderer_of_the_users_own_comes_first(register, tmp_path, monkeypatch):
    asked = []
    register("first", lambda source, picture_format: asked.append((source, picture_format)) or SVG)
    diagram = mg.draw(product())
    assert "<g/></svg>" in diagram.svg and asked == [(diagram.source, "svg")]
    assert diagram.save(tmp_path / "u.png").read_bytes().startswith(b"\x89PNG"), "what it can't draw, others do"
    register("second", lambda source, picture_format: SVG.replace("<g/>", "<a/>").encode())
    assert "<a/></svg>" in mg.draw(product()).svg and list(rendering.RENDERERS)[:2] == ["second", "first"]
    register("first", lambda source, picture_format: SVG, ["svg", "pdf"])
    assert "<g/></svg>" in mg.draw(product()).svg and list(rendering.RENDERERS)[:2] == ["first", "second"]
    for name in ("first", "second", "dot", "pygraphviz wheel"):
        register(name, None)
    with pytest.raises(RenderingError, match=r"no Graphviz here: .* to mg\.register_renderer"):
        rendering.render("digraph {}", "svg")


def test_what_a_renderer_of_the_users_own_does_wrong_is_told_by_its_name(register, tmp_path):
    register("mine", lambda source, picture_format: 1 / 0)
    with pytest.warns(UserWarning, match="u.dot was written instead of a picture: the renderer 'mine' failed: division by"):
        mg.draw(product()).save(tmp_path / "u.svg")
    for given, shown in [("digraph {}", "b'digraph {}'"), (None, "None")]:
        register("mine", lambda source, picture_format, given=given: given)
        with pytest.raises(RenderingError, match=f"the renderer 'mine' gave no svg, but {re.escape(shown)}"):
            rendering.render("digraph {}", "svg")


def test_what_is_no_renderer_is_refused(register):
    with pytest.raises(ValueError, match="a picture is svg, png, pdf, not 'gif'"):
        register("mine", lambda source, picture_format: SVG, ["svg", "gif"])
    with pytest.raises(TypeError, match="give a function of DOT and a format, not 'dot'"):
        register("mine", "dot")
    with pytest.raises(ValueError, match="there is no 'mine'; there are: dot, pygraphviz wheel"):
        register("mine", None)


def test_a_graph_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(rendering, "TIME_LIMIT", 0.001)
    with pytest.warns(UserWarning, match="was stopped after 0.001 seconds"):
        assert mg.draw(product()).save(tmp_path / "u.pdf").name == "u.dot"


def test_complaints_of_graphviz_are_failures():
    with pytest.raises(RenderingError, match="no valid picture"):
        rendering.render("digraph { a [label=<<B>open>] }", "svg")
    with pytest.raises(RenderingError, match="no valid picture"):
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


def test_graphviz_gets_one_font_and_readers_a_list():
    w = mg.parameter(2.0, "w")
    for theme, fonts in (
        ("light", "Helvetica,Arial,sans-serif"),
        (mg.Theme(font="DejaVu Sans, Arial"), "DejaVu Sans, Arial"),
    ):
        diagram = mg.draw(w * w, theme=theme)
        assert set(re.findall(r'fontname="?([^"\s]*(?: Sans)?)"?[ \]]', diagram.source)) == {fonts.split(",")[0]}
        assert set(re.findall('font-family="([^"]*)"', diagram.svg)) == {fonts}
