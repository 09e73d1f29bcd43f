"""Quizzes: what is asked, that right answers are right and slips are named, new numbers, worksheets, pages."""

import re

import numpy as np
import pytest
from hypothesis import given
from quizzes import judgements, needs_node, typed

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.pages.question import Asked, Slip
from minigraph.pages.quiz_arrays import questions_of_arrays
from minigraph.pages.quiz_numbers import new_graph, with_new_numbers
from minigraph.pages.quiz_page import Sheet
from minigraph.pages.quiz_questions import questions_of
from minigraph.testing import graphs


def two_paths():
    b = mg.parameter(3.0, "b")
    return ((2 + b).named("c") * (b + 1).named("d")).named("e")


def unit():
    w, x, b = mg.parameter(0.5, "w"), mg.data(2.0, "x"), mg.parameter(0.0, "b")
    return mg.bce(mg.sigmoid((w * x + b).named("z")).named("a"), mg.data(1.0, "y")).named("L")


def layer():
    W, X = mg.parameter([[1.0, 2, 0], [-1, 3, 2]], "W"), mg.data([[1.0, 2], [0, 1], [3, -1]], "X")
    Z = (W @ X + mg.parameter([[1.0], [2]], "b")).named("Z")
    return mg.squared_error(Z, np.ones((2, 2))).mean().named("J")


def asked(J):
    return {question.ask: question for question in Sheet(J, None).questions}


def slips(question):
    return {slip.words: slip.answer for slip in question.slips}


def test_the_questions_of_two_paths():
    found = [(question.ask, question.answer, question.known) for question in Sheet(two_paths(), None).questions]
    assert found == [
        ("∂e/∂c", 4, ""),
        ("∂e/∂d", 5, ""),
        ("∂d/∂b", 1, ""),
        ("the part of ∂e/∂b that comes through d", 5, "∂e/∂d = 5"),
        ("∂c/∂b", 1, ""),
        ("the part of ∂e/∂b that comes through c", 4, "∂e/∂c = 4"),
        ("∂e/∂b", 9, "∂e/∂b gets 5 through d, 4 through c"),
    ]


def test_the_slips_at_a_fork():
    found = slips(asked(two_paths())["∂e/∂b"])
    assert found["the path from d to b is missing: contributions at a fork add up"] == 4
    assert found["contributions at a fork are added, not multiplied"] == 20
    assert found["the sign is wrong: it is −1 times the right one"] == -9
    assert found["it is the gradient of another node, d"] == 5


def test_the_slips_at_a_fork_of_three():
    x = mg.parameter(3.0, "x")
    J = ((2 * x).named("u") + (x * x * x).named("v") * 0.5 + (5 - x).named("w")).named("J")
    found = slips(asked(J)["∂J/∂x"])
    assert asked(J)["∂J/∂x"].answer == 2 + 3 * 4.5 - 1
    assert found["it is the contribution through u alone: contributions at a fork add up"] == 2
    assert found["the path from w to x is missing: contributions at a fork add up"] == 15.5
    assert found["the contribution through w has the wrong sign"] == 16.5
    assert found["the contribution through u has the wrong sign"] == 10.5
    assert found["contributions at a fork are added, not averaged"] == 2.9


def test_a_path_is_named_by_the_step_that_it_goes_through():
    x = mg.parameter(2.0, "x")
    J = ((x * 3 + 1).named("u") + (x * 4 - 2).named("v")).named("J")
    found = slips(asked(J)["∂J/∂x"])
    assert found["the path from u to x is missing: contributions at a fork add up"] == 4
    assert found["the path from v to x is missing: contributions at a fork add up"] == 3


def test_one_slip_is_said_once_and_names_are_written_in_one_way():
    s = mg.parameter(3.0, "p1") * mg.parameter(5.0, "q")
    J = ((s * 2).named("u") + (s + 1).named("v") * 3).named("J")
    fork = asked(J)["∂J/∂s₁"]
    missing = [slip.answer for slip in fork.slips if slip.words.startswith("the path from u to s")]
    assert missing == [3]
    everything = [text for x in asked(J).values() for text in (x.solution, x.hint, x.known, *(y.words for y in x.slips))]
    assert "p₁" in str(everything) and "p1" not in str(everything) and "s1" not in str(everything)


def test_names_are_written_in_one_way_before_exponents_and_transposes():
    W, A = mg.parameter([[1.0, 2], [3, 5]], "W1"), mg.parameter([[2.0, -1], [4, 1]], "A1")
    J = ((W @ A).named("Z1") ** 2).sum().named("J")
    everything = str([text for x in asked(J).values() for text in (x.solution, *(y.words for y in x.slips))])
    assert "A₁ᵀ" in everything and "W₁ᵀ" in everything and not re.search("[WAZ]1", everything)
    h = mg.tanh(mg.parameter(0.5, "z1")).named("h1")
    everything = str([x.slips for x in asked((h * mg.parameter(2.0, "h10")).named("J")).values()])
    assert "1 − h₁²" in everything and "h1²" not in everything and "h10" not in everything


def test_the_slips_along_an_edge():
    x, k = mg.parameter(3.0, "x"), mg.parameter(7.0, "k")
    J = ((x**2).named("v") * k + (x * 11).named("t")).named("J")
    local = slips(asked(J)["∂v/∂x"])
    part = slips(asked(J)["the part of ∂J/∂x that comes through v"])
    assert asked(J)["∂v/∂x"].answer == 6 and asked(J)["the part of ∂J/∂x that comes through v"].answer == 42
    assert local == {
        "the sign is wrong: it is −1 times the right one": -6,
        "the factor 2 of ∂v/∂x is forgotten": 3,
        "the factor 2 of ∂v/∂x is forgotten, and the sign is wrong": -3,
        "the factor x of ∂v/∂x is forgotten": 2,
        "the factor x of ∂v/∂x is forgotten, and the sign is wrong": -2,
        "it is v itself, not its derivative": 9,
        "it is the value of x; ask how fast v changes when x does": 3,
        "it is multiplied by the upstream gradient already": 42,
        "it is upside down: how fast x changes with v": pytest.approx(1 / 6),
    }
    assert part == {
        "the sign is wrong: it is −1 times the right one": -42,
        "it is the local derivative ∂v/∂x alone: the upstream gradient ∂J/∂v is forgotten": 6,
        "it is the upstream gradient ∂J/∂v alone: the local derivative ∂v/∂x is forgotten": 7,
        "upstream and local are multiplied, not added": 13,
        "the factor 2 of ∂v/∂x is forgotten": 21,
        "the factor 2 of ∂v/∂x is forgotten, and the sign is wrong": -21,
        "the factor x of ∂v/∂x is forgotten": 14,
        "the factor x of ∂v/∂x is forgotten, and the sign is wrong": -14,
        "v itself is taken, not its derivative": 63,
        "the value of x is taken for ∂v/∂x": 21,
        "it is divided by the local derivative, not multiplied": pytest.approx(7 / 6),
        "it is all of ∂J/∂x; here what comes through v alone is asked for": 53,
    }


def test_the_slips_of_an_entry_of_a_matrix():
    A, B = mg.parameter([[1.0, 2], [3, 5]], "A"), mg.parameter([[2.0, -1, 4], [4, 1, -3]], "B")
    G = mg.data([[1.0, 2, 3], [4, 5, 6]], "G")
    found = asked((G * (A @ B).named("C")).sum().named("J"))
    entry = found["∂J/∂A[1, 0]"]
    assert entry.answer == 4 * 2 - 5 + 6 * 4
    assert slips(entry)["it is the first of 3 terms alone: the entry is their sum"] == 8
    assert slips(entry)["it is the entry of A, not of its gradient"] == 3
    assert found["∂J/∂B[1, 2]"].answer == 2 * 3 + 5 * 6
    assert slips(found["∂J/∂B[1, 2]"])["it is the first of 2 terms alone: the entry is their sum"] == 6
    order = found["∂J/∂A"]
    assert {order.choices[slip.answer]: slip.words for slip in order.slips} == {
        "Bᵀ · ∂J/∂C": "(3, 2)·(2, 3) gives (3, 3), and ∂J/∂A has the shape of A",
        "∂J/∂C · B": "the shapes (2, 3)·(2, 3) don't fit: 3 and 2 differ",
        "B · ∂J/∂C": "the shapes (2, 3)·(2, 3) don't fit: 3 and 2 differ",
    }
    assert slips(found["the shape of ∂J/∂A"])["that is the shape of C; ∂J/∂A has that of A"] == (2, 3)


def test_the_slips_of_local_derivatives_and_gradients():
    a = 1 / (1 + np.exp(-1))
    local, whole = asked(unit())["∂a/∂z"], asked(unit())["∂L/∂w"]
    assert local.solution == "∂a/∂z = a(1 − a) ≈ 0.1966"
    assert slips(local)["the factor 1 − a of ∂a/∂z is forgotten"] == pytest.approx(a)
    assert slips(local)["it is a itself, not its derivative"] == pytest.approx(a)
    assert whole.answer == pytest.approx(2 * (a - 1))
    assert slips(whole)["it is the local derivative ∂z/∂w alone: the upstream gradient ∂L/∂z is forgotten"] == 2
    assert "nudge: w" in whole.solution


def test_questions_on_arrays():
    found = asked(layer())
    assert found["the shape of ∂J/∂W"].answer == (2, 3)
    shape = slips(found["the shape of ∂J/∂W"])
    assert shape["it is transposed: ∂J/∂W has the shape of W, (2, 3)"] == (3, 2)
    assert shape["∂J/∂W has the 6 entries, in the shape of W"] == (6,)
    assert shape["J is a number, but there is a derivative for each entry of W"] == ()
    order = found["∂J/∂W"]
    assert order.choices[order.answer] == order.shown == "∂J/∂Z · Xᵀ" and len(order.choices) == 4
    by_text = {order.choices[slip.answer]: slip.words for slip in order.slips}
    assert by_text["Xᵀ · ∂J/∂Z"] == "the shapes (2, 3)·(2, 2) don't fit: 3 and 2 differ"
    assert found["∂J/∂W[1, 2]"].answer == 4.5


def test_of_a_square_matrix_an_entry_is_asked_that_shows_the_transpose():
    A, B = mg.parameter([[1.0, 2], [3, 5]], "A"), mg.parameter([[2.0, -1], [4, 1]], "B")
    entry = asked((mg.data([[1.0, 2], [3, 4]]) * (A @ B).named("C")).sum().named("J"))["∂J/∂A[0, 1]"]
    assert entry.answer == 6 and slips(entry)["it is transposed: A is square, so its shape does not tell"] == 2


@needs_node
@pytest.mark.parametrize(
    "text", ["0.25", "1/4", ".25", "0,25", "2.5e-1", "−1/−4", "0.251", "1 / 4", "0.5*0,5", "(1 − 0.75)"]
)
def test_answers_written_otherwise_are_right(text):
    x = mg.parameter(0.5, "x")
    question = asked((x * mg.data(0.25, "c")).named("J"))["∂J/∂x"]
    assert judgements([(question, text)])[0] == {"right": True, "words": [], "said": "Right: ∂J/∂x = 0.25."}


@needs_node
@pytest.mark.parametrize(
    ("text", "right"), [("8.957", True), ("9.044", True), ("8.954", False), ("9.046", False), ("-9", False)]
)
def test_half_a_percent_is_near_enough(text, right):
    assert judgements([(asked(two_paths())["∂e/∂b"], text)])[0]["right"] == right


@needs_node
def test_what_the_page_says():
    question = asked(two_paths())["∂e/∂b"]
    said = [one["said"] for one in judgements([(question, text) for text in ("nine", "1/0", "7", "20", "5", "9")])]
    assert said[:2] == ["Type a number, such as −0.25 or 1/4, or what gives it, such as 2·3."] * 2
    assert said[2] == "Not yet, and none of the usual slips gives it."
    assert said[3] == "Not yet: contributions at a fork are added, not multiplied."
    assert said[4].startswith("Not yet. Several slips give this. Perhaps ") and said[5] == "Right: ∂e/∂b = 9."


@needs_node
@pytest.mark.parametrize("text", ["2x3", "(2, 3)", "2 × 3", "[2,3]", "2 by 3"])
def test_shapes_written_otherwise_are_right(text):
    assert judgements([(asked(layer())["the shape of ∂J/∂W"], text)])[0]["right"]


def judged_rightly(roots):
    """How many answers are judged: the right ones as right, each slip by its words and by those of its equals alone."""
    cases = [
        (question, typed(slip.answer), slip)
        for root in roots
        for question in [*questions_of(root), *questions_of_arrays(root)]
        for slip in (Slip(question.answer, ""), *question.slips)
    ]
    for (question, text, slip), told in zip(cases, judgements([case[:2] for case in cases]), strict=True):
        assert told["right"] == (slip.words == ""), (question, text)
        if slip.words:
            alike = [x.words for x in question.slips if is_alike(question, slip.answer, x.answer)]
            assert slip.words in alike and told["words"] == alike
            assert told["said"].startswith("Not yet: ") == (len(alike) == 1)
    return len(cases)


def is_alike(question, given, slip):
    return abs(given - slip) <= question.room(slip) if isinstance(slip, float) else given == slip


@needs_node
def test_on_random_graphs_right_is_right_and_every_slip_is_named():
    roots = []

    @given(graphs(max_operations=4))
    def collect(graph):
        roots.append(Asked(graph.root, True))

    collect()
    assert judged_rightly(roots) > 100


@needs_node
def test_on_new_graphs_right_is_right_and_every_slip_is_named():
    generators = [np.random.default_rng(seed) for seed in range(20)]
    assert judged_rightly([Asked(with_new_numbers(new_graph(x), x), True) for x in generators]) > 1000


@pytest.mark.parametrize("seed", range(8))
def test_new_numbers_are_simple_and_inside_of_the_domain(seed):
    J = mg.parse("u = log(a*b)/(c - d); sqrt(u*u + a)", a=1.0, b=1.0, c=2.0, d=1.0)["J"]
    made = with_new_numbers(J, np.random.default_rng(seed))
    leaves = {node.name: float(node.value) for node in ancestors([made]) if node.op is None and node.name}
    assert all(x * 4 == int(x * 4) for x in leaves.values())
    assert leaves["a"] * leaves["b"] > 0 and leaves["c"] != leaves["d"] and np.isfinite(made.value)


def test_a_seed_is_one_quiz_and_another_seed_another():
    texts = [mg.quiz(two_paths(), seed=seed).worksheet for seed in (7, 7, 8)]
    assert texts[0] == texts[1] != texts[2]
    assert mg.quiz(seed=3).worksheet != mg.quiz(seed=4).worksheet


def test_a_worksheet_does_not_give_answers_away():
    made = mg.quiz(two_paths())
    assert made.worksheet.splitlines()[-1] == "7. b is used in 2 places. ∂e/∂b = ______" and "gets" not in made.worksheet
    assert "7. ∂e/∂b = 5 + 4 = 9" in made.solutions


def test_names_come_out_as_themselves():
    x = mg.parameter(2.0, '</script><b>"; }\U0001f600')
    text = mg.quiz((3 * x).named("<J>")).text
    assert "</script><b>" not in text and "<J>" not in text and "default-src 'none'" in text


def test_what_can_not_be_asked_is_refused():
    x = mg.parameter(1.0, "x")
    with pytest.raises(ValueError, match=r"^quiz: there is nothing to ask of x"):
        mg.quiz(x)
    with pytest.raises(ValueError, match=r"^quiz: seed is a whole number from 0 on, not -1"):
        mg.quiz(two_paths(), seed=-1)
    for place in range(61):
        x = (0.9 * x + 0.1).named(f"x{place}")
    with pytest.raises(ValueError, match=r"^quiz: 62 boxes are too many to work through by hand"):
        mg.quiz(x)
