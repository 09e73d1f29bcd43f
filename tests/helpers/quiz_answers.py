"""Right answers of quizzes, found another way: by finite differences of `evaluate`, or exactly by SymPy on fractions."""

import numpy as np
import sympy

import minigraph as mg
from minigraph.pages.quiz_questions import _place

STEP = 1e-3


def slope(J, node, held=(), entry=()):
    """The central difference of J by one entry of a node, extrapolated; the nodes held keep their values."""
    fixed = {x: x.value for x in held if x is not node and x is not J}

    def difference(step):
        values = [np.array(node.value, np.float64) for _ in range(2)]
        values[0][entry] += step
        values[1][entry] -= step
        above, below = (float(np.asarray(mg.evaluate(J, given={**fixed, node: x})).item()) for x in values)
        return (above - below) / (2 * step)

    step = STEP * max(1.0, abs(float(np.asarray(node.value)[entry])))
    return (4 * difference(step / 2) - difference(step)) / 3


def slopes(J, node):
    """The gradient of J by a node, entry by entry."""
    return np.array([slope(J, node, entry=place) for place in np.ndindex(node.shape)]).reshape(node.shape)


def exactly(J, wrt, held=()):
    """∂J/∂wrt as a fraction, by SymPy, from the operations of arithmetic alone; the nodes held are numbers."""
    symbol = sympy.Symbol("s")

    def formula(node, top=False):
        if node is wrt:
            return symbol
        if node.op is None or (node in held and not top):
            return sympy.Rational(float(node.value))
        return ARITHMETIC[type(node.op).__name__](node, *map(formula, node.inputs))

    return float(sympy.diff(formula(J, top=True), symbol).subs(symbol, sympy.Rational(float(wrt.value))))


ARITHMETIC = {
    "Add": lambda node, a, b: a + b,
    "Subtract": lambda node, a, b: a - b,
    "Multiply": lambda node, a, b: a * b,
    "Power": lambda node, a: a ** sympy.Rational(node.op.exponent),
}


def expected(asked, slope=slope):
    """What is asked of numbers, and the answer. Where an edge is double the answers of both must add up to it."""
    nodes = [step.node for step in asked.steps]
    for node, arrivals in asked.arrivals.items():
        if node.shape != () or any(arrival.consumer.shape != () for arrival in arrivals):
            continue
        for consumer in dict.fromkeys(arrival.consumer for arrival in arrivals):
            edges = [arrival for arrival in arrivals if arrival.consumer is consumer]
            local, places = slope(consumer, node, held=nodes), range(1, len(edges) + 1)
            way = "straight from" if consumer is asked.root else "through"
            parts = [f"the part of {asked.gradient(node)} that comes {way} {_place(asked, edge)}" for edge in edges]
            if consumer is asked.root:
                yield parts if len(arrivals) > 1 else [asked.gradient(node)], local
                continue
            formula = f"in the formula of {asked.name(consumer)}"
            twins = [f"the part of {asked.partial(edges[0])} by place {k} of {len(edges)} {formula}" for k in places]
            yield twins if len(edges) > 1 else [asked.partial(edges[0])], local
            yield parts if len(arrivals) > 1 else [asked.gradient(node)], slope(asked.root, consumer) * local
        yield [asked.gradient(node)], slope(asked.root, node)
