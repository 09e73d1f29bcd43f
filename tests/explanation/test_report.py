import minigraph as mg
from minigraph.explanation.report import Explanation
from minigraph.formulas import symbol


def test_three_forms_of_one_explanation(chain):
    told = mg.explain(chain.J, chain.b)
    assert repr(told) == str(told)
    assert told.latex.startswith(
        "\\begin{aligned}\nJ & = 3\\left(a + bc\\right)\\quad \\text{at a = 5, b = 3, c = 2} \\\\\n"
    )
    assert (
        r"\frac{\partial J}{\partial b} & = \frac{\partial J}{\partial v} \cdot \frac{\partial v}{\partial u}" in told.latex
    )
    assert told.markdown.startswith("$\\displaystyle J = 3\\left(a + bc\\right)\\quad \\text{at a = 5, b = 3, c = 2}$  \n")
    assert "nudge: b + 0.001 moves J by 0.006 = 6 × 0.001 ✓" in told.markdown
    assert told._repr_mimebundle_() == {"text/plain": str(told), "text/markdown": told.markdown}


def test_markdown_has_no_markup_from_names():
    x = mg.parameter(1.0, "a*b_c")
    assert r"nudge: a\*b\_c + 0.001" in mg.explain((x * 2).named("J"), x).markdown


def test_a_side_like_the_one_before_is_left_out():
    text = Explanation()
    text.equate(symbol("a"), symbol("b"), symbol("b"), symbol("c"), relations=("=", "=", "≈"), remark="why", depth=1)
    text.equate(symbol("a"), symbol("b"), label="by c: ", remark="because of d")
    text.say("words ", symbol("x1"))
    assert str(text).splitlines() == ["  a = b ≈ c   why", "by c: a = b, because of d", "words x1"]
    assert text.latex.splitlines()[1] == r"\quad a & = b \approx  c\quad \text{why} \\"
    assert text.latex.splitlines()[2] == r"& \text{by c: }a\text{ = }b\text{, because of d} \\"
    assert text.markdown.splitlines()[0] == r"&emsp;&emsp;$\displaystyle a = b \approx  c\quad \text{why}$  "


def test_long_sides_are_cut():
    x = mg.parameter(1.0, "x")
    node = x
    for _ in range(300):
        node = node + x
    text = Explanation()
    text.say(node)
    assert len(str(text)) == 401 and str(text).endswith("…")


def test_names_break_no_lines():
    x = mg.parameter([1.0, 2.0], "a\nb\u202e\x1b[31m")
    told = mg.explain((x * x).sum().named("J"), x)
    for text in (str(told), told.latex, told.markdown):
        assert "\x1b" not in text and "\u202e" not in text and "a b" in text and "a\nb" not in text
