"""New numbers for quizzes: inside of domains, away from kinks, labels 0 or 1; and graphs that are hard to ask."""

import math

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.drawing import rendering
from minigraph.pages import quiz_numbers
from minigraph.pages.quiz_numbers import with_new_numbers
from minigraph.pages.quiz_page import QuizPage, Sheet

SEEDS = range(6)


def renumbered(J, seed, **options):
    """The leaves of the graph with new numbers, by name."""
    made = with_new_numbers(J, np.random.default_rng(seed), **options)
    return {node.name: node.value for node in ancestors([made]) if node.op is None and node.name}, made


def asked(J, **options):
    return {question.ask: question for question in Sheet(J, None, **options).questions}


@pytest.mark.parametrize("seed", SEEDS)
def test_labels_stay_0_or_1_and_other_data_do_not(seed):
    w, x, y = mg.parameter([[1.0]], "w"), mg.data([[1.0, 0.0, 1.0, 0.0]], "x"), mg.data([[1.0, 0.0, 1.0, 1.0]], "y")
    found, _ = renumbered(mg.bce(mg.sigmoid(w @ x), y).mean(), seed)
    assert set(np.ravel(found["y"])) <= {0, 1} and not set(np.ravel(found["x"])) <= {0, 1}


def test_labels_are_drawn():
    y = mg.data([[1.0, 0.0, 1.0, 1.0, 0.0, 0.0]], "y")
    J = mg.bce(mg.sigmoid(mg.parameter(np.ones((1, 6)), "w")), y).mean()
    assert len({renumbered(J, seed)[0]["y"].tobytes() for seed in SEEDS}) > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_keep_away_from_kinks(seed):
    a, b = mg.parameter(1.0, "a"), mg.parameter(3.0, "b")
    found, _ = renumbered(mg.relu(a - b) + mg.maximum(a, b * 2) + mg.abs(a), seed)
    assert min(abs(found["a"] - found["b"]), abs(found["a"] - 2 * found["b"]), abs(found["a"])) >= 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_keep_inside_of_domains_that_only_values_tell(seed):
    a, b = mg.parameter(3.0, "a"), mg.parameter(1.0, "b")
    found, made = renumbered(mg.log(a - b) + mg.sqrt(a * b), seed)
    assert found["a"] - found["b"] > 0 and found["a"] * found["b"] > 0 and math.isfinite(made.value)


def test_a_number_near_the_end_of_a_domain_is_not_taken(monkeypatch):
    a, b = mg.parameter(2.0, "a"), mg.parameter(1.0, "b")
    monkeypatch.setattr(quiz_numbers, "WHOLE", (1.0,))
    monkeypatch.setattr(quiz_numbers, "PARTS", (1.0 - 1e-4,))
    J = mg.log(a - b)
    assert with_new_numbers(J, np.random.default_rng(0)) is J


@pytest.mark.parametrize("seed", SEEDS)
def test_a_probability_is_one(seed):
    a, b, y = mg.parameter(0.5, "a"), mg.parameter(0.5, "b"), mg.data(1.0, "y")
    found, _ = renumbered(mg.bce(a * b, y), seed)
    assert 0 < found["a"] * found["b"] < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_and_what_is_kept_stay(seed):
    mask, a, b = mg.data([1.0, 0.0, 1.0], "mask"), mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter(3.25, "b")
    rows = mg.data([2.0, 0.0], "rows")
    found, _ = renumbered((mg.where(mask, a, b).sum() + mg.take(a, rows).sum()).named("J"), seed, keep=[b])
    np.testing.assert_array_equal(found["mask"], [1, 0, 1])
    np.testing.assert_array_equal(found["rows"], [2, 0])
    assert found["b"] == 3.25


def test_where_no_numbers_are_found_they_stay():
    x = mg.parameter(2.0, "x")
    for J in (x + 1000, mg.log(x - 1000), mg.exp(mg.exp(x**2 + 9)), (mg.parameter(np.ones(30)) * 2).sum()):
        assert with_new_numbers(J, np.random.default_rng(0)) is J


def test_the_numbers_are_those_of_the_seed_and_of_each_sheet():
    x, y = mg.parameter(2.0, "x"), mg.parameter(0.5, "y")
    J = (x * y + y).named("J")
    sheets = mg.quiz(J, seed=11, sheets=4).worksheet.split("\n\nJ = ")
    values = [tuple(sheet.splitlines()[2:4]) for sheet in sheets]
    assert (
        len(set(values)) > 2
        and values == [tuple(s.splitlines()[2:4]) for s in mg.quiz(J, seed=11).worksheet.split("\n\nJ = ")] + values[3:]
    )
    assert "x = 2\n" in mg.quiz(J).worksheet and "y = 0.5\n" in mg.quiz(J).worksheet


@pytest.mark.parametrize("seed", SEEDS)
def test_units_are_not_saturated(seed):
    w, h = mg.parameter(0.5, "w"), mg.data(1.0, "x")
    for _ in range(3):
        h = mg.tanh(w * h)
    _, made = renumbered(h * h, seed)
    assert abs(mg.grad(made, next(x for x in ancestors([made]) if x.name == "w")).value) > 0.01


def test_simple_numbers_are_pleasant():
    order = [
        quiz_numbers.unpleasantness(np.array(x)) for x in (3.0, 1.0, 0.5, 0.25, 1 / 3, 0.1, math.pi, 1e-50, 1e4, math.nan)
    ]
    assert order == sorted(order) and order[0] == 0 and order[-1] == 100
    assert quiz_numbers.unpleasantness(np.zeros(0)) == 0 and quiz_numbers.unpleasantness(np.array(0.0)) == 2


@pytest.mark.parametrize("seed", [None, 4])
def test_float32_stays_float32(seed):
    a, b = mg.parameter(np.float32(0.1), "a"), mg.parameter(np.float32(3), "b")
    sheet = Sheet(
        (a * b).named("J") if seed is None else with_new_numbers((a * b).named("J"), np.random.default_rng(seed)), None
    )
    assert sheet.asked.root.dtype == np.float32
    assert [question.ask for question in sheet.questions] == ["∂J/∂a", "∂J/∂b"]
    if seed is None:
        assert sheet.questions[1].shown == "0.1000" and sheet.questions[1].answer == float(np.float32(0.1))


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        (math.nan, {"∂J/∂a": 3}),
        (math.inf, {"∂J/∂a": 3}),
        (-0.0, {"∂J/∂a": 3, "∂J/∂b": 0}),
        (1e300, {"∂J/∂a": 3, "∂J/∂b": 1e300}),
        (1e-300, {"∂J/∂a": 3, "∂J/∂b": 1e-300}),
    ],
)
def test_what_is_no_finite_number_is_not_asked(value, answers):
    J = (mg.parameter(value, "a") * mg.parameter(3.0, "b")).named("J")
    assert {ask: question.answer for ask, question in asked(J).items()} == answers
    assert all(math.isfinite(slip.answer) for question in asked(J).values() for slip in question.slips)
    assert "NaN" not in mg.quiz(J).text.split('id="data">')[1].split("</script>")[0]


def test_entries_that_are_not_finite_are_not_asked():
    W = mg.parameter([[1.0, math.nan]], "W")
    assert list(asked((W * W).sum().named("J"))) == ["the shape of ∂J/∂W"]


def test_at_a_kink_the_convention_is_said_and_no_local_derivative_asked():
    found = asked((mg.relu(mg.parameter(0.0, "a")).named("r") * mg.parameter(2.0, "x")).named("J"))
    assert list(found) == ["∂J/∂r", "∂J/∂x", "∂J/∂a"]
    assert found["∂J/∂a"].answer == 0
    assert found["∂J/∂a"].given == "r = ReLU(a), at its kink, where ∂r/∂a is taken for 0"


def test_a_single_number_that_meets_an_array():
    b, X = mg.parameter(2.0, "b"), mg.data([1.0, 2, 3], "X")
    found = asked((X * b).sum().named("J"))
    assert list(found) == ["∂J/∂b"] and found["∂J/∂b"].answer == 6


def test_of_a_product_with_one_term_there_is_no_first_term():
    A, B = mg.parameter([[2.0, 5.0]], "A"), mg.parameter([[3.0], [4.0]], "B")
    entry = asked(((A @ B).named("C") ** 2).sum().named("J"))["∂J/∂A[0, 1]"]
    assert entry.answer == 2 * 26 * 4 and not any("terms alone" in slip.words for slip in entry.slips)


def test_nothing_named_a_leaf_and_no_entries():
    a, b = mg.parameter(3.0), mg.parameter(4.0)
    assert [x.answer for x in Sheet(a * b + 1, None).questions] == [1, 4, 4, 3, 3]
    assert "the shape of ∂J/∂a" in asked((mg.parameter(np.zeros((0, 3)), "a").sum() * b).named("J"))
    for nothing, error in ((a, ValueError), (mg.data(2.0) * 3, ValueError), (3.0, TypeError)):
        with pytest.raises(error, match=r"^quiz: "):
            mg.quiz(nothing)


class Half(mg.Elementwise):
    """An operation of a user's own, without parts."""

    def forward(self, x):
        return x / 2

    def derivatives(self, result, x):
        return [mg.Scale(mg.data(0.5))]


def test_own_operations_are_asked():
    found = asked((Half()(mg.parameter(5.0, "w")).named("h") * mg.parameter(3.0, "v")).named("J"))
    assert found["∂h/∂w"].answer == 0.5 and found["∂J/∂w"].answer == 1.5


def test_without_graphviz_there_is_a_quiz_without_picture(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(rendering.importlib.util, "find_spec", lambda name: None)
    with pytest.warns(UserWarning, match=r"^the quiz has no picture: ") as warned:
        text = mg.quiz((mg.parameter(2.0, "x") ** 2).named("J")).text
    assert "<p>No picture: " in text and "<svg" not in text and "∂J/∂x" in text
    assert warned[0].filename == __file__


def test_without_a_path_a_notebook_displays_it():
    page = mg.quiz((mg.parameter(2.0, "x") ** 2).named("J"), title="a <power>", fold=True)
    assert isinstance(page, QuizPage)
    assert (
        repr(page) == "<quiz 'a <power>': save(path) writes it, a notebook displays it, .worksheet and .solutions are text>"
    )
    shown = page._repr_html_()
    assert "<iframe srcdoc=" in shown and 'sandbox="allow-scripts' in shown and "a &amp;lt;power&amp;gt;" in shown


def test_an_expression_without_names_is_asked_operation_by_operation():
    a, b = mg.parameter(3.0, "a"), mg.parameter(4.0, "b")
    assert len(Sheet(mg.exp(a * b / 12), None).questions) > len(Sheet(mg.exp(a * b / 12), True).questions)


def test_an_answer_worked_out_of_the_numbers_that_are_shown_is_right():
    a = mg.sigmoid(mg.parameter(8.0, "z")).named("a")
    question = asked((a * mg.parameter(3.0, "b")).named("J"))["∂a/∂z"]
    by_hand = 0.9997 * (1 - 0.9997)
    assert question.answer == pytest.approx(3.352e-4, rel=1e-3) and by_hand == pytest.approx(3e-4, rel=1e-3)
    assert abs(by_hand - question.answer) <= question.room(question.answer) < question.answer / 4


def test_what_rounding_leaves_of_zero_is_shown_as_zero():
    V, X = mg.parameter([[4.0, 4.0]], "V"), mg.data([[0.1, 0.2], [1e-17, 3.0]], "X")
    E = (V @ X).named("E")
    J = (E * np.array([[7.0, 1e-16]])).sum().named("J")
    assert "∂J/∂E = [7 0]" in asked(J)["∂J/∂V[0, 0]"].given


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("squash", [mg.sigmoid, mg.tanh])
def test_no_step_is_0_where_it_can_be_helped(seed, squash):
    x, w, b, y = mg.data(1.0, "x"), mg.parameter(2.0, "w"), mg.parameter(-1.0, "b"), mg.data(1.0, "y")
    z = (w * x + b).named("z")
    _, made = renumbered(mg.squared_error(squash(z).named("a"), y), seed)
    values = {node.name or node.op.name: float(node.value) for node in ancestors([made]) if node.op is not None}
    assert 0 not in values.values() and 0.05 < abs(values["a"]) < 0.999


def test_the_floor_of_a_denominator_is_told_where_it_acts_and_only_there():
    z, y = mg.parameter(2.0, "z"), mg.data(0.0, "y")
    J = mg.bce(mg.sigmoid(z).named("a"), y).named("L")
    solution = asked(J)["∂L/∂a"].solution
    assert solution.startswith("∂L/∂a = (a − y)/(a(1 − a)) ≈") and "1e−12" not in solution
    z.value = 30.0
    formula, note = asked(J)["∂L/∂a"].solution.splitlines()
    assert "(a − y)/(a(1 − a)) =" in formula and note.startswith("a(1 − a) in a denominator counts as 1e−12")
