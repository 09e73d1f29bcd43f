"""What the step-through page asks, which slips it names, and what its script calls right."""

import numpy as np
import pytest
from figures import gallery
from quizzes import judgements, needs_node, typed

import minigraph as mg
from minigraph.drawing.diagram import make_scene
from minigraph.drawing.view import Direction
from minigraph.pages.question import Question, Slip
from minigraph.pages.step_stages import stages
from minigraph.reading.steps import steps_of


def guesses(J):
    scene = make_scene(J, steps_of(J), Direction.PAGE, "step_through", title=None)
    return [stage.guess for stage in stages(scene)]


def words_for(guess, value):
    return [slip.words for slip in guess.slips if slip.answer == pytest.approx(value)]


def test_questions_hide_the_local_derivative_and_the_product():
    b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    asked = guesses((5 * u).named("J"))
    assert [guess and guess.given for guess in asked] == [
        None,
        "u = b·c = ?",
        "J = 5·u = ?",
        None,
        "J = 5·u: ∂J/∂u gets ∂J/∂J × ∂J/∂u = 1 × ? = ?",
        "u = b·c: ∂J/∂b gets ∂J/∂u × ∂u/∂b = 5 × ? = ?",
        "u = b·c: ∂J/∂c gets ∂J/∂u × ∂u/∂c = 5 × ? = ?",
    ]
    assert [guess.answer for guess in asked if guess] == [6, 30, 5, 10, 15]


def test_each_slip_has_its_words():
    b, c = mg.parameter(3.0, "b"), mg.parameter(-7.0, "c")
    u = (b * c).named("u")
    guess = guesses((5 * u).named("J"))[5]
    assert guess.answer == -35
    assert words_for(guess, 35) == ["the sign is wrong: it is −1 times the right one"]
    assert words_for(guess, 5) == ["the factor ∂u/∂b = c was forgotten"]
    assert words_for(guess, -7) == ["that is the local derivative ∂u/∂b alone: the factor ∂J/∂u was forgotten"]
    assert words_for(guess, -2) == ["the two were added: along a path the chain rule multiplies"]
    assert words_for(guess, 5 / -7) == ["it was divided by ∂u/∂b: along a path the chain rule multiplies"]
    assert words_for(guess, 5 * -21) == ["the value u = −21 stands where its derivative belongs: ∂u/∂b is asked"]
    assert words_for(guess, 15) == ["b = 3 was taken for ∂u/∂b: it is what one derives by"]
    assert words_for(guess, -70) == ["it is 2 times the right one"]
    assert words_for(guess, -17.5) == ["it is half of the right one"]
    assert words_for(guess, 0) == ["it is 0, as if the path from u to b is missing"]


def test_at_a_fork_a_sum_is_told_from_a_term():
    asked = [guess for guess in guesses(gallery.two_paths()) if guess]
    last = asked[-1]
    assert last.given.startswith("c = a + b: ∂e/∂b gets") and last.answer == 3
    only = "only what comes along this edge is asked, from c to b"
    assert words_for(last, 6)[0] == f"that is the sum over all paths: {only}"
    assert not [slip for slip in last.slips if "has arrived" in slip.words], "all have: it is the same sum"
    first = asked[-3]
    assert first.given.startswith("d = b + 1: ∂e/∂b gets") and first.answer == 3
    assert words_for(first, 6)[:1] == [
        "that is the sum over all paths: only what comes along this edge is asked, from d to b"
    ]


def test_what_has_no_single_finite_number_is_not_asked():
    W = mg.parameter(np.ones((2, 2)), "W")
    assert [bool(guess) for guess in guesses(mg.mean(W * W).named("J"))] == [False, True, False, True, True]
    x = mg.parameter(float("nan"), "x")
    assert not any(guesses((x * x).named("J")))
    huge = mg.parameter(1e300, "x")
    with np.errstate(over="ignore"):
        assert not any(guesses((huge * huge).named("J"))[1:3])
    tiny = guesses((mg.parameter(1e-300, "x") * 1e-10).named("J"))
    assert all(np.isfinite(slip.answer) for guess in tiny if guess for slip in guess.slips)


def test_a_local_derivative_that_is_zero_or_infinite_gives_no_slip():
    b, c = mg.parameter(3.0, "b"), mg.parameter(0.0, "c")
    to_b = guesses((5 * (b * c).named("u")).named("J"))[5]
    assert to_b.answer == 0 and words_for(to_b, 5)[:1] == ["the factor ∂u/∂b = c was forgotten"]
    assert not [slip for slip in to_b.slips if "divided" in slip.words]
    x = mg.parameter(1e-200, "x")
    J = (1e-300 * (x * 1e200 * 1e200).named("u")).named("J")
    to_x = guesses(J)[-1]
    assert to_x.answer == pytest.approx(1e100)
    assert words_for(to_x, -1e100) and not [slip for slip in to_x.slips if "alone" in slip.words]


QUESTION = Question(
    "", "", "a", 1.449, "1.449", (Slip(-1.449, "sign"), Slip(1.4, "other"), Slip(2.898, "twice")), hint="", solution=""
)


@needs_node
@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("1.449", "Right: a = 1.449."), ("1,45", "Right: a = 1.449."), ("1.448", "Right: a = 1.449."),
        ("1.4", "Not yet: other."),
        ("−1.449", "Not yet: sign."), ("-1.45", "Not yet: sign."), ("2.9", "Not yet: twice."), ("1", "Not yet, and none"),
        ("1.5", "Not yet, and none"), ("x", "Type a number"), ("", "Type a number"),
        ("2.898/2", "Right: a = 1.449."), ("1.449e0", "Right: a = 1.449."),
    ],
)  # fmt: skip
def test_right_is_what_is_near_and_no_slip_is_nearer(typed, verdict):
    assert judgements([(QUESTION, typed)])[0]["said"].startswith(verdict)


# Arrays


def affine():
    W, b = mg.parameter([[1.0, 2.0], [3.0, 4.0]], "W"), mg.parameter([[1.0], [0.0]], "b")
    X = mg.data([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], "X")
    A = mg.tanh(((W @ X + b).named("Z")) * 0.1).named("A")
    return ((A * A).mean() + 0.5 * (W * W).sum()).named("J")


def test_of_small_arrays_an_entry_is_asked_and_what_it_takes_is_told():
    asked = guesses(affine())
    assert [guess and guess.given.partition(" with ")[2] for guess in asked[:3]] == [
        None,
        "W = [1 2; 3 4], X = [1 2 3; 0 1 −1], b = [1; 0]: Z[1, 1] = ?",
        "Z[1, 1] = 10: A[1, 1] = ?",
    ]
    assert [guess.given for guess in asked[-3:]] == [
        "A = tanh(Z·0.1) with ∂J/∂A[0, 1] = 0.1540, A[0, 1] = 0.4621: ∂J/∂Z[0, 1] = ?",
        "Z = W X + b with ∂J/∂Z = [0.006323 0.01211 0.006323; 0.008886 0.01066 0.01211]: ∂J/∂b[1, 0] = ?",
        "Z = W X + b with ∂J/∂Z = [0.006323 0.01211 0.006323; 0.008886 0.01066 0.01211], X = [1 2 3; 0 1 −1]: "
        "the part of ∂J/∂W[1, 0] that comes from Z = ?",
    ]


def test_each_slip_of_an_entry_has_its_words():
    J = affine()
    to_b, to_W = guesses(J)[-2:]
    dZ = mg.grad(J, next(x for x in mg.core.pulling.ancestors([J]) if x.name == "Z")).value
    assert to_b.answer == pytest.approx(dZ[1].sum())
    why = "b is used 3 times, so its gradient is summed over them"
    assert words_for(to_b, dZ[1, 0]) == [f"the sum is missing: {why}"]
    assert words_for(to_b, dZ[1].mean()) == [f"the mean was taken where the sum belongs: {why}"]
    assert words_for(to_b, -dZ[1].sum()) == ["the sign is wrong: it is −1 times the right one"]
    assert words_for(to_b, 0.0) == ["it is the entry of b, not of its gradient"]
    assert words_for(to_W, dZ[1, 0]) == ["it is the first of 3 terms alone: the entry is their sum"]
    assert words_for(to_W, dZ[0, 1] - dZ[0, 2]) == ["it is entry [0, 1]: row and column are exchanged"]
    total = to_W.answer + 3.0
    assert words_for(to_W, total) == [
        "that is the sum over all paths: only what comes along this edge is asked, from Z to W"
    ]
    to_Z = guesses(J)[-3]
    assert [slip.words for slip in to_Z.slips if "upstream" in slip.words] == [
        "it is the entry of ∂J/∂A, the upstream gradient, itself"
    ]


def test_answers_about_entries_are_those_of_the_arrays():
    J = affine()
    by_name = {x.name: x for x in mg.core.pulling.ancestors([J]) if x.name}
    arrays = {name: by_name[name].value for name in "ZAJ"}
    arrays |= {f"∂J/∂{name}": mg.grad(J, by_name[name]).value for name in "bZ"}
    found = {guess.ask: guess.answer for guess in guesses(J) if guess}
    assert set(found) >= {"Z[1, 1]", "A[1, 1]", "J", "∂J/∂b[1, 0]", "∂J/∂Z[0, 1]"}
    for ask, answer in found.items():
        name, _, place = ask.partition("[")
        if name in arrays:
            entry = tuple(map(int, place.rstrip("]").split(", "))) if place else ()
            assert answer == pytest.approx(arrays[name][entry]), ask


def test_of_large_arrays_the_shape_is_asked():
    asked = guesses(gallery.one_hidden_layer())
    to_W = asked[-1]
    assert to_W.given == "Z₁ = W₁ X + b₁; ∂J/∂Z₁ is (4, 6): what comes to ∂J/∂W₁ has the shape ?"
    assert to_W.answer == (4, 3) and to_W.prompt == "The shape of what comes to ∂J/∂W₁:"
    words = {slip.answer: slip.words for slip in to_W.slips}
    assert words == {
        (3, 4): "it is transposed: ∂J/∂W₁ has the shape of W₁, (4, 3)",
        (4, 6): "that is the shape of Z₁; ∂J/∂W₁ has that of W₁",
        (): "J is a number, but there is a derivative for each entry of W₁",
        (12,): "∂J/∂W₁ has the 12 entries, in the shape of W₁",
    }
    forward = asked[1]
    assert forward.answer == (4, 6) and {slip.answer for slip in forward.slips} == {(4, 3), (3, 6), (4, 1), (6, 4), (24,)}
    many = (mg.parameter(np.ones(50), "w") ** 2).sum().named("s")
    assert guesses(many)[1].answer == () and guesses(many)[1].given == "s = sum w²; w is (50,): the shape of s is ?"


def test_what_is_no_entry_by_entry_operation_is_told_whole():
    x = mg.parameter([1.0, 2.0, 4.0], "x")
    p = mg.softmax(x, axis=0).named("p")
    asked = guesses((p * mg.data([1.0, 0.0, 2.0], "y")).sum().named("J"))
    assert asked[1].given == "p = softmax(x) with x = [1 2 4]: p[2] = ?"
    assert "∂J/∂p = [1 0 2]" in asked[-1].given and "p = [" in asked[-1].given


@needs_node
def test_every_answer_of_a_page_is_right_there_and_its_slips_are_not():
    found = [guess for J in (affine(), gallery.one_hidden_layer(), gallery.two_paths()) for guess in guesses(J) if guess]
    told = judgements([(guess, typed(guess.answer)) for guess in found])
    assert all(one["right"] for one in told) and len(found) > 25
    slips = [(guess, slip) for guess in found for slip in guess.slips]
    for (guess, slip), one in zip(slips, judgements([(g, typed(s.answer)) for g, s in slips]), strict=True):
        assert not one["right"] and slip.words in one["words"], guess.given
