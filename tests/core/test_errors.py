"""The errors themselves: what they are, what they hold, and how they call a node."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.errors import describe, describe_operation, warn


def test_kinds_of_errors() -> None:
    assert issubclass(mg.ShapeError, ValueError)
    assert issubclass(mg.DomainError, ValueError)
    assert issubclass(mg.NonFiniteError, ArithmeticError)
    bare = mg.ShapeError("no")
    assert (str(bare), bare.op, bare.operands) == ("no", None, ())
    assert mg.DomainError("no").operand == 0


def test_how_a_node_is_called() -> None:
    x = mg.data(np.ones((2, 3)), "X")
    unnamed, leaf, weight = x * 2, mg.data(1.0), mg.parameter([1.0])
    assert describe(x) == "'X' is (2, 3)"
    assert describe(unnamed) == f"an unnamed multiply made at {unnamed.made_at} is (2, 3)"
    assert describe(leaf) == f"an unnamed data made at {leaf.made_at} is ()"
    assert describe(weight) == f"an unnamed parameter made at {weight.made_at} is (1,)"
    assert describe(unnamed.inputs[1]) == "the literal 2 is ()"
    assert describe((x + 0.1).inputs[1]) == "the literal 0.1 is ()"
    assert describe((x + np.ones(3)).inputs[1]) == "an array is (3,)"
    assert unnamed.made_at is not None
    assert __file__ in unnamed.made_at


def test_how_an_operation_is_called() -> None:
    x = mg.data(1.0, "x")
    y = x * 2
    assert describe_operation(y) == "multiply"
    assert describe_operation(y.named("y")) == "multiply for 'y'"
    assert describe_operation(x) == "data for 'x'"
    assert describe_operation(mg.data(1.0)) == "data"


def test_errors_name_what_a_user_named() -> None:
    W1, X = mg.parameter(np.ones((4, 30)), "W1"), mg.data(np.ones((5, 30)), "X")
    with pytest.raises(mg.ShapeError) as caught:
        W1 @ X
    assert str(caught.value) == (
        "matmul: 'W1' is (4, 30) and 'X' is (5, 30): inner sizes 30 and 5 differ. Examples are columns: is X transposed?"
    )
    assert caught.value.operands == (W1, X)


def test_a_warning_is_given_where_no_line_of_a_user_led_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = SimpleNamespace(f_globals={"__name__": "minigraph.core.pulling"}, f_back=None)  # the start of a thread, say
    monkeypatch.setattr(sys, "_getframe", lambda depth: frame)
    with pytest.warns(mg.GraphWarning, match="^so it is$"):
        warn("so it is")
