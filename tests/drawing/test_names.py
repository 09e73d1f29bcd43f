"""Names in pictures: hostile ones come out as themselves, and nodes of one name are told apart."""

import re
import xml.etree.ElementTree as ET

import pytest
from figures import HOSTILE, read_svg
from hypothesis import example, given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.drawing.dot_text import cleaned, lines
from minigraph.formulas.spelling import as_drawn, with_letters

# Hostile names

ISOLATES = "\u2068\u2069\u200e"


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
    assert picture.edges["e1_2_2"] == ["∂J/∂a [2] = 1", "1 × 1 = 1"]
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
