"""The collector waits while many nodes are made and comes back whatever happens; nodes know the line of the user."""

import gc
import linecache
import threading

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.calling_lines import at_line, many_nodes
from minigraph.core.pulling import ancestors


class Watching(mg.Elementwise):
    """x, and in its derivative a note of whether the collector waits."""

    def forward(self, x):
        return np.positive(x)

    def derivatives(self, result, x):
        self.waited = not gc.isenabled()
        self.made = x * 0 + 1
        return [mg.Scale(self.made)]


class Failing(Watching):
    """An operation whose derivative is forgotten."""

    def derivatives(self, result, x):
        raise RuntimeError("none yet")


def line_of(node):
    file, _, number = node.made_at.rpartition(":")
    return linecache.getline(file, int(number)).strip()


@pytest.fixture(params=[True, False], ids=["on", "off"])
def collector(request):
    """Whether the collector is on; it is on afterwards."""
    if not request.param:
        gc.disable()
    yield request.param
    gc.enable()


def test_the_collector_waits_and_comes_back(collector):
    x = mg.parameter(2.0, "x")
    watching = Watching()
    y = watching(x)
    slope = mg.grad(y, x)
    assert watching.waited and gc.isenabled() is collector
    mg.jvp(y, x, 1.0)
    y.backward()
    mg.compile(y, updates={x: x - 0.1 * slope}).repeat(3)
    assert gc.isenabled() is collector


@pytest.mark.parametrize("act", [lambda y, x: mg.grad(y, x), lambda y, x: mg.jvp(y, x, 1.0), lambda y, x: y.backward()])
def test_the_collector_comes_back_after_an_error(collector, act):
    x = mg.parameter(2.0, "x")
    with pytest.raises(RuntimeError, match="none yet"):
        act(Failing()(x), x)
    assert gc.isenabled() is collector
    after = 2 * x
    assert line_of(after) == "after = 2 * x"


def test_it_waits_for_the_last_of_several():
    with many_nodes():
        with many_nodes():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_waits_for_every_thread():
    inside, done = threading.Event(), threading.Event()

    def other():
        with many_nodes():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    with many_nodes():
        thread.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    done.set()
    thread.join()
    assert gc.isenabled()


def test_gradients_are_made_where_they_were_asked_for():
    x = mg.parameter(2.0, "x")
    y = mg.tanh(x) * x
    slope = mg.grad(y, x)
    new = set(ancestors([slope])) - set(ancestors([y]))
    assert len(new) > 3
    assert {line_of(node) for node in new} == {"slope = mg.grad(y, x)"}
    assert line_of(x * x) != "slope = mg.grad(y, x)"


def test_what_a_users_rule_makes_is_made_in_the_rule():
    x = mg.parameter(2.0, "x")
    watching = Watching()
    mg.grad(watching(x), x)
    assert line_of(watching.made) == "self.made = x * 0 + 1"


class Reversal(mg.LinearMap):
    """A map of a user's own that makes nodes."""

    def push(self, tangent):
        self.pushed = tangent[::-1] * 1
        return self.pushed

    def pull(self, cotangent):
        self.pulled = cotangent[::-1] * 2
        return self.pulled


class Reversed(mg.Op):
    """Its derivative is that map."""

    def __init__(self):
        self.local = Reversal()

    def forward(self, x):
        return x[::-1]

    def shape(self, x):
        return x.shape

    def derivatives(self, y, x):
        return [self.local]


def test_what_a_users_map_makes_is_made_in_the_map():
    x = mg.parameter([1.0, 2.0], "x")
    operation = Reversed()
    y = operation(x)
    mg.grad(y.sum(), x)
    assert line_of(operation.local.pulled) == "self.pulled = cotangent[::-1] * 2"
    mg.jvp(y, [x], [mg.data([1.0, 0.0])])
    assert line_of(operation.local.pushed) == "self.pushed = tangent[::-1] * 1"


def test_nodes_are_made_at_a_line_of_another_file_while_it_is_read():
    x = mg.data(2.0)
    with at_line("/elsewhere/net.py", 41):
        y = 3 * x
    z = 2 * x
    assert y.made_at == "/elsewhere/net.py:41"
    assert line_of(x) == "x = mg.data(2.0)"
    assert line_of(z) == "z = 2 * x"
