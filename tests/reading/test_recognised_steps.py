"""What is recognised is told alike in pictures and explanations."""

import numpy as np

import minigraph as mg


def cost(W, X, Y):
    Z = W @ X
    A = 1 / (1 + np.exp(-Z))
    losses = -(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    J = np.mean(losses)
    return J


def folded(W, X):
    return 3 * np.sum(np.maximum(0, W @ X))


W, X, Y = np.array([[0.5, -1.0]]), np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), np.array([[1.0, 0.0, 1.0]])


def test_steps_are_told_to_be_recognised() -> None:
    J, n = mg.trace(cost, W, X, Y, data="X,Y")
    told = ["A is recognised as σ(Z).", "losses is recognised as BCE(A, Y)."]
    assert [line for line in str(mg.explain(J, wrt=n["W"])).split("\n") if "recognised" in line] == told
    assert [line for line in str(mg.explain(J)).split("\n") if "recognised" in line] == told
    for direction in ("forward", "backward", "both"):
        source = mg.draw(J, direction).source
        assert "recognised as σ(Z)" in source and "recognised as BCE(A, Y)" in source


def test_what_is_folded_in_a_step_is_told_of_the_step() -> None:
    J, n = mg.trace(folded, W, X, data="X")
    told = [line for line in str(mg.explain(J, wrt=n["W"])).split("\n") if "recognised" in line]
    assert told == ["max(0, W X) is recognised as ReLU(W X)."]
    assert "recognised in it: ReLU(W X)" in mg.draw(J, "backward").source


def test_nothing_is_told_of_other_graphs() -> None:
    z = mg.parameter(1.0, "z")
    a = (1 / (1 + mg.exp(-z))).named("a")
    assert "recognised" not in mg.draw(a, "backward").source + str(mg.explain(a, wrt=z))


def test_stable_steps_are_operations_and_need_no_note() -> None:
    J, n = mg.trace(cost, W, X, Y, data="X,Y", stable=True)
    assert "recognised" not in mg.draw(J, "backward").source + str(mg.explain(J, wrt=n["W"]))
    assert mg.draw(J, "forward").source.count("σ(Z)") > 0
