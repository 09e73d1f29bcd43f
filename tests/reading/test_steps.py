"""Which steps are kept where there are too many, which of them a text mentions, and on which a note is pinned."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.reading.names import Names
from minigraph.reading.pinned_notes import Pin, pins_by_step
from minigraph.reading.steps import latest, steps_of
from minigraph.testing import graphs


def taken(step):
    """A step's node with the steps that it reads."""
    return {step.node, *(edge.source for edge in step.edges)}


@given(graphs(max_operations=8), st.integers(1, 12))
def test_the_latest_steps_are_as_many_as_fit_with_all_that_they_read(graph, most):
    steps = steps_of(graph.root)
    kept = latest(steps, most)
    nodes = [step.node for step in kept]
    assert nodes == [step.node for step in steps if step.node in nodes], "in their order"
    whole = [step for step in steps if step in kept]  # the same edges as before
    cut = [step for step in kept if step not in whole]
    assert all(step.edges == () for step in cut)
    assert set(nodes) == set().union(*map(taken, whole)), "each with what it reads, and nothing else"
    assert steps[-1] in whole and (len(kept) <= most or set(nodes) == taken(steps[-1]))
    before = next((step for step in reversed(steps) if step not in whole), None)
    assert before is None or len(set(nodes) | taken(before)) > most, "there is no room for one more"


def test_a_step_that_two_read_takes_its_room_once():
    x = mg.parameter(0.5, "x")
    h = mg.tanh(x).named("h")
    a, b = mg.exp(h).named("a"), mg.sin(h).named("b")
    steps = steps_of((a * b).named("J"))
    assert [step.node.name for step in latest(steps, 4)] == ["h", "a", "b", "J"]
    assert [len(step.edges) for step in latest(steps, 4)] == [0, 1, 1, 2]
    assert [len(step.edges) for step in latest(steps, 3)] == [0, 0, 2]


def test_notes_stand_on_the_step_that_holds_their_node_and_each_once():
    x = mg.parameter(0.5, "x")
    folded = mg.tanh(x)
    J = (2 * folded).named("J")
    notes = [Pin(J, "flat"), Pin(x, "large"), Pin(folded, "flat"), Pin(folded, "saturated"), Pin(x, "large")]
    found = pins_by_step(SimpleNamespace(pins=notes), J, steps_of(J))
    assert found == {J: ["flat", "saturated"], x: ["large"]}


def test_what_a_text_mentions_and_what_stands_in_the_formulas_of_that():
    x = mg.parameter(0.5, "x")
    first = mg.exp(x)
    second = mg.tanh(first * first)
    third = mg.sin(x)
    J = (second * second + third * third).named("J")
    names = Names(J)
    assert [names.of(node) for node in (first, second, third)] == ["s1", "s2", "s3"]
    assert names.mentioned("s3 after s2") == [first, second, third], "in the order of creation, s1 in the formula of s2"
    assert names.mentioned("s1 alone") == [first]
    assert names.mentioned("s9, xs1 and J") == []
