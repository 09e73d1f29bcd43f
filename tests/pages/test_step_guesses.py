"""What the step-through page asks, which slips it names, and what its script calls right."""

import json
import shutil
import subprocess
from dataclasses import asdict

import numpy as np
import pytest
from figures import gallery

import minigraph as mg
from minigraph.drawing.diagram import make_scene
from minigraph.drawing.view import Direction
from minigraph.pages.page import part
from minigraph.pages.step_guesses import CLOSE, Guess, Slip
from minigraph.pages.step_stages import stages
from minigraph.reading.steps import steps_of


def guesses(J):
    scene = make_scene(J, steps_of(J), Direction.PAGE, "step_through", title=None)
    return [stage.guess for stage in stages(scene)]


def words_for(guess, value):
    return [slip.words for slip in guess.slips if slip.value == pytest.approx(value)]


def test_questions_hide_the_local_derivative_and_the_product():
    b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    asked = guesses((5 * u).named("J"))
    assert [guess and guess.question for guess in asked] == [
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
    assert last.question.startswith("c = a + b: ∂e/∂b gets") and last.answer == 3
    only = "only what comes along this edge is asked, from c to b"
    assert words_for(last, 6) == [f"that is the sum of what has arrived: {only}"]
    first = asked[-3]
    assert first.question.startswith("d = b + 1: ∂e/∂b gets") and first.answer == 3
    assert words_for(first, 6) == ["that is the sum over all paths: only what comes along this edge is asked, from d to b"]


def test_what_has_no_single_finite_number_is_not_asked():
    W = mg.parameter(np.ones((2, 2)), "W")
    assert [bool(guess) for guess in guesses(mg.mean(W * W).named("J"))] == [False, True, False, False, False]
    x = mg.parameter(float("nan"), "x")
    assert not any(guesses((x * x).named("J")))
    huge = mg.parameter(1e300, "x")
    with np.errstate(over="ignore"):
        assert not any(guesses((huge * huge).named("J"))[1:3])
    tiny = guesses((mg.parameter(1e-300, "x") * 1e-10).named("J"))
    assert all(np.isfinite(slip.value) for guess in tiny if guess for slip in guess.slips)


def test_a_local_derivative_that_is_zero_or_infinite_gives_no_slip():
    b, c = mg.parameter(3.0, "b"), mg.parameter(0.0, "c")
    to_b = guesses((5 * (b * c).named("u")).named("J"))[5]
    assert to_b.answer == 0 and words_for(to_b, 5) == ["the factor ∂u/∂b = c was forgotten"]
    assert not [slip for slip in to_b.slips if "divided" in slip.words]
    x = mg.parameter(1e-200, "x")
    J = (1e-300 * (x * 1e200 * 1e200).named("u")).named("J")
    to_x = guesses(J)[-1]
    assert to_x.answer == pytest.approx(1e100)
    assert words_for(to_x, -1e100) and not [slip for slip in to_x.slips if "alone" in slip.words]


GUESS = Guess("?", 1.449, "1.449", (Slip(-1.449, "sign"), Slip(1.4, "other"), Slip(2.898, "twice")))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node on PATH")
@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("1.449", "Right: 1.449."), ("1,45", "Right: 1.449."), ("1.448", "Right: 1.449."), ("1.4", "No: other."),
        ("−1.449", "No: sign."), ("-1.45", "No: sign."), ("2.9", "No: twice."), ("1", "No: none"), ("1.5", "No: none"),
        ("x", "That is not a number"), ("", "That is not a number"),
        ("2.898/2", "Right: 1.449."), ("1.449e0", "Right: 1.449."),
    ],
)  # fmt: skip
def test_right_is_what_rounds_to_it_and_no_slip_is_nearer(typed, verdict):
    typed_number = part("page.js")[part("page.js").index("function typed") :].split("\n}")[0] + "\n}\n"
    script = (
        typed_number + part("step_guess.js") + "console.log(judge(JSON.parse(process.argv[1]), process.argv[2], CLOSE).say)"
    )
    command = ["node", "-e", script.replace("CLOSE", str(CLOSE)), "--", json.dumps(asdict(GUESS)), typed]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert said.startswith(verdict)
