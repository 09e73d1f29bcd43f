"""Names and titles are the user's text: they become comments and identifiers, never code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.program.identifiers import Names

HOSTILE = [
    'evil\nimport os\nraise SystemExit("ran")',
    "carriage\rraise SystemExit",
    "form\x0cfeed\x00nul\u2028separator\ud800surrogate",
    "__import__('os').system('x')",
    'x"""\nprint("ran")\n"""',
    "for",
    "add",
    "None",
    "1/2",
    "🙂",
    "²",
    *("steps", "count", "fresh", "step", "published", "empty", "array", "full", "theta", "gradients"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_program_is_the_same_whatever_things_are_called(text):
    def cost(name, title):
        W = mg.parameter(np.full((2, 2), 0.5), name)
        with mg.group(title):
            A = mg.tanh(W @ mg.data([[1.0], [2.0]])).named(name + " out")
        J = (A * A).sum()
        return mg.compile(J, updates={W: W - 0.1 * mg.grad(J, W)})

    assert cost(text, text).repeat(3).tolist() == cost("W", "Layer 1").repeat(3).tolist()


@given(st.lists(st.text(), max_size=20))
def test_every_wish_becomes_an_identifier_of_its_own(wishes):
    names = Names()
    given_names = [names.new(wish) for wish in wishes]
    assert all(name.isidentifier() for name in given_names)
    assert len(set(given_names)) == len(given_names)
