"""Explanations where all is numbers."""

import numpy as np
import pytest

import minigraph as mg


def lines(*arguments, **options):
    return str(mg.explain(*arguments, **options)).splitlines()


def test_a_chain_of_named_steps(chain):
    assert lines(chain.J, chain.b) == [
        "J = 3(a + bc) at a = 5, b = 3, c = 2",
        "∂J/∂b = ∂J/∂v · ∂v/∂u · ∂u/∂b = 3 · 1 · c = 3 · 1 · 2 = 6",
        "nudge: b + 0.001 moves J by 0.006 = 6 × 0.001 ✓",
    ]


def test_intermediate_nodes_and_the_root(chain):
    assert lines(chain.J, chain.v)[1] == "∂J/∂v = 3"
    assert lines(chain.J, chain.J) == ["J = 3(a + bc) at a = 5, b = 3, c = 2", "∂J/∂J = 1"]
    assert lines(chain.a, chain.a) == ["a is a leaf: 5", "∂a/∂a = 1"]


def test_unnamed_steps_are_folded_and_shown_factor_by_factor():
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    assert lines((3 * (a + b * c)).named("J"), b)[1] == "∂J/∂b = 3 · 1 · c = 3 · 1 · 2 = 6"


def test_two_paths_add_up():
    a, b = mg.parameter(2.0, "a"), mg.parameter(1.0, "b")
    c, d = (a + b).named("c"), (b + 1).named("d")
    assert lines((c * d).named("e"), b) == [
        "e = (a + b)(b + 1) at a = 2, b = 1",
        "b reaches e along 2 paths. Each gives a product:",
        "  ∂e/∂d · ∂d/∂b = c · 1 = 3 · 1 = 3",
        "  ∂e/∂c · ∂c/∂b = d · 1 = 2 · 1 = 2",
        "A change travels along all paths at once, so the products add up:",
        "  ∂e/∂b = 3 + 2 = 5",
        "The backward pass gets the same sum without listing paths: it visits each node once, when all nodes",
        "that use it are done, and keeps a running total of what has arrived there:",
        "  ∂e/∂b = 3, then 3 + 2 = 5",
        "nudge: b + 0.001 moves e by 0.005001 ≈ 5 × 0.001 ✓",
    ]


def test_parallel_edges_are_two_paths_and_told_apart():
    x = mg.parameter(3.0, "x")
    told = lines((x * x).named("y"), x)
    assert told[0] == "y = x·x at x = 3"
    assert "  by the first operand of x·x: x = 3" in told
    assert "  by the second operand of x·x: x = 3" in told
    assert "  ∂y/∂x = 3 + 3 = 6" in told


def test_an_unnamed_fork_gets_a_letter_that_is_not_taken():
    x, s1 = mg.parameter(2.0, "x"), mg.parameter(1.0, "s1")
    s = x * x + s1
    told = lines(s * s + s, x)
    assert told[1] == "where s2 = x·x + s1"
    assert "  by s2·s2 + s2, the first operand of x·x: 1 · x = 1 · 2 = 2" in told
    assert "  ∂output/∂s2 = 1, then 1 + 5 = 6, then 6 + 5 = 11" in told


def test_an_unnamed_leaf_has_a_name_in_the_text():
    leaf = mg.parameter(2.0)
    told = lines((leaf * leaf).named("J"), leaf)
    assert told[1].startswith("parameter reaches J along 2 paths")


def test_a_ladder_of_two_to_the_fifty_paths_returns_at_once():
    node = x = mg.parameter(1.0, "x")
    for i in range(50):
        node = (node + node).named(f"n{i}")
    text = str(mg.explain(node, x))  # listing the paths would never end
    assert "x reaches n49 along 2⁵⁰ paths. Each gives a product; 2 of them:" in text
    assert "∂n49/∂n0 = 2.815e14, then 2.815e14 + 2.815e14 ≈ 5.629e14" in text
    assert "… 44 more nodes …" in text
    assert len(text.splitlines()) < 40


def test_a_long_chain_and_a_long_sum_are_cut():
    node = x = mg.parameter(0.5, "x")
    for i in range(300):
        node = mg.sigmoid(node).named(f"a{i}")
    text = str(mg.explain(node, x))
    assert "… and 294 more steps …" in text
    assert len(text) < 2000
    w = mg.parameter(1.0, "w")
    total = w + w
    for _ in range(40):
        total = total + w
    text = str(mg.explain(total, w))
    assert "w reaches output along 42 paths. Each gives a product; 2 of them:" in text
    assert "= 1, then 1 + 1 = 2, then 2 + 1 = 3, then 41 + 1 = 42" in text


def test_what_cancels_is_shown_and_checked(unit):
    told = lines(unit.L, unit.w)
    assert told[2] == "Where did ∂a/∂z go? It cancels:"
    assert told[3] == "  ∂L/∂z = ((a − y)/(a(1 − a)))·(a(1 − a)) = a − y"
    assert told[4] == "  Checked: the backward pass has the same numbers."
    rules = lines(unit.L, unit.w, rules=True)
    assert not any("max(" in line or "1e−12" in line for line in rules), "the floor is no part of the formula"
    assert "    ((a − y)/(a(1 − a)))·(a(1 − a)) = a − y   on paper: where nothing is divided by 0" in rules


def test_where_the_clamp_acts_the_cancellation_is_on_paper_only(unit):
    unit.w.value = -30.0
    told = lines(unit.L, unit.w)
    assert any("On paper only: in the graph the two differ" in line for line in told)


def test_the_floor_of_a_denominator_is_told_where_it_acts(unit):
    for how in (mg.explain(unit.L, unit.w), mg.explain(unit.L)):
        assert not any(floor in text for text in (str(how), how.latex, how.ascii) for floor in ("max", "1e−12", "10^{-12}"))
    unit.w.value = -30.0
    for how in (mg.explain(unit.L, unit.w), mg.explain(unit.L)):
        told = str(how).splitlines()
        assert "a(1 − a) in a denominator counts as 1e−12 where it is smaller, as it is here." in told
        assert r"a\left(1 - a\right)\text{ in a denominator counts as 1e}-\text{12 where" in how.latex
        assert "a*(1 - a) in a denominator counts as 1e-12 where it is smaller" in how.ascii
    X, y = mg.data([[-60.0, 0.5, 60.0]], "X"), mg.data([[1.0, 1.0, 1.0]], "y")
    a = mg.sigmoid((mg.parameter([[1.0]], "W") @ X).named("z")).named("a")
    J = mg.bce(a, y).mean().named("J")
    assert "a ⊙ (1 − a) in a denominator counts as 1e−12 where it is smaller, as it is here in 2 of 3 entries." in str(
        mg.explain(J, a)
    )


def test_a_bce_that_the_user_wrote_cancels_too():
    z, y = mg.parameter(0.3, "z"), mg.data(1.0, "y")
    a = mg.sigmoid(z).named("a")
    told = lines((-(y * mg.log(a))).named("L"), z)
    assert any(line.startswith("Where did ∂a/∂z go?") for line in told)


def test_flat_steps_let_nothing_back():
    x = mg.parameter(2.0, "x")
    assert lines((mg.sign(x) * 3).named("J"), x) == [
        "∂J/∂x = 0, because every path from J to x goes through a step that is flat, so that nothing flows back: sign(x)"
    ]


def test_flat_steps_of_a_step_without_a_name_say_what_it_is():
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    s = a * b
    assert lines((mg.sign(s) + mg.sign(s * 2)).named("J"), a) == [
        "∂J/∂a = 0, because every path from J to a goes through a step that is flat, so that nothing flows back: "
        "sign(s1), sign(s1·2)",
        "where s1 = ab",
    ]


def test_a_pass_with_a_seed_starts_from_it(chain):
    backward_pass = mg.backward(chain.J, seed=10.0)
    assert lines(backward_pass, chain.b)[1] == (
        "∂J/∂b = ∂J/∂J · ∂J/∂v · ∂v/∂u · ∂u/∂b = 10 · 3 · 1 · c = 10 · 3 · 1 · 2 = 60"
    )
    assert lines(mg.backward(chain.J), chain.b) == lines(chain.J, chain.b)


def test_the_form_of_the_notes_is_used_throughout(unit):
    told = lines(unit.L, unit.w, form="notes")
    assert told[1:4] == [
        "Notes' form: dw is short for ∂L/∂w. There is no mean over m examples here, so nothing else changes.",
        "dw = da · ∂a/∂z · ∂z/∂w = (a − y)/(a(1 − a)) · a(1 − a) · x ≈ −1.368 · 0.1966 · 2 ≈ −0.5379",
        "Where did ∂a/∂z go? It cancels:",
    ]
    assert told[4].startswith("  dz = ")
    assert lines(unit.L, unit.z, form="notes")[2].startswith("dz = da · ∂a/∂z = ")
    assert lines(unit.L, unit.a, form="notes")[2].startswith("da = (a − y)/(a(1 − a)) ≈ ")
    assert lines(unit.L, unit.L, form="notes")[-1] == "dL = 1"
    assert lines(mg.backward(unit.L, seed=10.0), unit.z, form="notes")[2].startswith("dz = dL · ∂L/∂a · ∂a/∂z = 10 · ")
    assert lines(mg.sign(unit.w).named("J"), unit.w, form="notes")[0].startswith("dw = 0, because every path from J to w")


def test_the_notes_form_of_several_paths_does_not_take_a_part_for_a_gradient():
    x = mg.parameter(2.0, "x")
    u = (3 * x).named("u")
    v = (u + 1).named("v")
    told = lines((u * v).named("J"), x, form="notes")
    assert told[2:5] == [
        "x reaches J along 2 paths. Each gives a product:",
        "  ∂J/∂u · ∂u/∂x = v · 3 = 7 · 3 = 21",  # not du, which is all that arrives at u: 7 + 6
        "  dv · ∂v/∂u · ∂u/∂x = u · 1 · 3 = 6 · 1 · 3 = 18",
    ]
    assert "  dx = 21 + 18 = 39" in told
    assert "  du = 7, then 7 + 6 = 13" in told
    assert not any("∂J/∂x" in line for line in told[2:])
    ladder = x
    for i in range(10):
        ladder = (ladder + ladder).named(f"n{i}")
    assert "All of them add up to dx = 1024, but nobody has to list them:" in lines(ladder, x, form="notes")


def test_digits_and_rounding():
    x = mg.parameter(1 / 3, "x")
    J = (2 * x * x).named("J")
    assert "∂J/∂x = 0.6667 + 0.6667 ≈ 1.333" in str(mg.explain(J, x))
    assert "≈ 1.33333333" in str(mg.explain(J, x, digits=9))


def test_what_is_refused(chain):
    other = mg.parameter(1.0, "other")
    with pytest.raises(ValueError, match="'J' does not depend on 'other'"):
        mg.explain(chain.J, other)
    with pytest.raises(TypeError, match="explain: give the node itself, such as W1, not str"):
        mg.explain(chain.J, "b")
    for function in (mg.explain, mg.health, lambda J: mg.nudge(J, chain.b), lambda J: mg.compare(J, chain.b, 1.0)):
        with pytest.raises(TypeError, match="the first argument is a node or a backward pass, not float"):
            function(33.0)
    with pytest.raises(ValueError, match="form is 'exact' or 'notes', not 'short'"):
        mg.explain(chain.J, chain.b, form="short")
    with pytest.raises(mg.ShapeError, match="not a scalar"):
        mg.explain(mg.parameter(np.ones(3), "v") * 2)
    with pytest.raises(IndexError, match="it has no entry \\[0\\]"):
        mg.explain(chain.J, chain.b, entry=(0,))


def test_the_whole_pass_is_told_in_order(chain):
    told = lines(chain.J)
    assert "1. J: the start. ∂J/∂J = 1" in told
    assert "2. v: ready, since its only user J is done." in told
    assert told[told.index("4. c: ready, since its only user u is done.") + 1 :][:2] == [
        "    ∂J/∂c = ∂J/∂u·b",
        "    ∂J/∂c = 3 · 3 = 9",
    ]
    assert "    dc = 3 · 3 = 9" in lines(chain.J, form="notes")
    ranks = [line.split(".")[1].split(":")[0].strip() for line in told if line[0].isdigit()]
    assert ranks == ["J", "v", "u", "c", "b", "a"]
    x = mg.parameter(1.0, "x")
    p, q = (2 * x).named("p"), (3 * x).named("q")
    assert "4. x: ready, since all its users are done: q and p." in lines((p * q).named("J"))


def test_a_long_pass_is_cut():
    node = mg.parameter(0.5, "x")
    for i in range(100):
        node = mg.tanh(node).named(f"a{i}")
    told = lines(node)
    assert "… 75 more nodes …" in told
    x = mg.parameter(1.0, "x")
    many = [(x * i).named(f"p{i}") for i in range(1, 8)]
    total = many[0]
    for node in many[1:]:
        total = total + node
    assert any("all its users are done: p7 … p1." in line for line in lines(total.named("J")))


def test_flat_steps_behind_others():
    x = mg.parameter(2.0, "x")
    J = (mg.sign(x * 2) + mg.sign(x)).named("J")
    assert lines(J, x)[0].endswith("so that nothing flows back: sign(x·2), sign(x)")


def test_many_leaves_are_cut():
    leaves = [mg.parameter(float(i), f"x{i}") for i in range(12)]
    J = leaves[0] * leaves[1]
    for leaf in leaves[2:]:
        J = J + leaf
    assert "x6 = 6, … and 5 more" in lines(J.named("J"), leaves[0])[0]


def test_nothing_is_said_of_what_cancels_in_graphs_too_large_to_read(unit):
    J = unit.L
    for _ in range(600):
        J = J + 0.0
    assert "Where did" not in str(mg.explain(J, unit.w))
