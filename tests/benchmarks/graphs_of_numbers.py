"""Graphs of numbers, as in micrograd: a step of a program by levels and one by one, NumPy and native, against peers.

CPU time. A step of minigraph's is value, gradients and update; a peer's value and gradients only, its graph built anew as it
has to be. The rounds are interleaved, so that whatever else the machine does meets all; a ratio is that of the medians.
"""

from __future__ import annotations

import re
import statistics
import time
from itertools import pairwise
from types import SimpleNamespace

import numpy as np

import minigraph as mg
from minigraph.program.native.library import library

ROUNDS = 9
OURS = {
    "one by one": {"without": ["levels"], "backend": "numpy"},
    "NumPy, by levels": {"backend": "numpy"},
    **({} if isinstance(library(), str) else {"native": {"backend": "native"}}),
}


def net(use, points=20, sizes=(2, 16, 16, 1)):
    """A net as micrograd's demo writes it: each weight a parameter, each example a graph; hinge loss, penalty."""
    random = np.random.default_rng(1)
    layers = [
        [([use.parameter(w) for w in random.uniform(-1, 1, before).tolist()], use.parameter(0.0)) for _ in range(after)]
        for before, after in pairwise(sizes)
    ]
    J = None
    for x in random.standard_normal((points, 2)).tolist():
        values = [use.data(number) for number in x]
        for layer in layers:
            sums = []
            for weights, z in layer:
                for w, value in zip(weights, values, strict=True):
                    z = z + w * value
                sums.append(z)
            values = [z if layer is layers[-1] else use.relu(z) for z in sums]
        loss = use.relu(1 - float(np.sign(x[0] * x[1])) * values[0])
        J = loss if J is None else J + loss
    leaves = [leaf for layer in layers for weights, bias in layer for leaf in (*weights, bias)]
    penalty = leaves[0] * leaves[0]
    for leaf in leaves[1:]:
        penalty = penalty + leaf * leaf
    return J * (1 / points) + 1e-4 * penalty, leaves


def chain(use, count=1000):
    """A graph in which little is ready at once: sums, products, softplus and softmax of what was computed just before."""
    leaves = [use.parameter(0.01 * i) for i in range(100)]
    nodes = [*leaves]
    for kind in range(count):
        if kind % 4 == 0:
            nodes.append(use.softplus(nodes[-10]))
        elif kind % 4 == 1:
            a, b, c, d = nodes[-30:-10:5]
            nodes.append((a + b + c + d) * 0.25)
        elif kind % 4 == 2:
            nodes.append(nodes[-20] * nodes[-10])
        else:
            a, b, c, d = nodes[-4:]
            largest = use.maximum(use.maximum(a, b), use.maximum(c, d))
            powers = [use.exp(x - largest) for x in (a, b, c, d)]
            total = powers[0] + powers[1] + powers[2] + powers[3]
            nodes.extend(power / total for power in powers)
    return nodes[-1], leaves


GRAPHS = {"net, 2-16-16-1, 20 points": net, "nearly a chain": chain}


def program(graph, **options):
    """A step of descent."""
    J, leaves = graph(mg)
    gradients = mg.grad(J, leaves, allow_unused=True)
    return mg.compile(J, updates={w: w - 0.01 * g for w, g in zip(leaves, gradients, strict=True)}, **options)


def with_pytorch(graph):
    """PyTorch, eager."""
    import torch

    def parameter(value):
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)

    use = SimpleNamespace(
        parameter=parameter, data=lambda value: torch.tensor(value, dtype=torch.float64), relu=torch.relu, exp=torch.exp,
        softplus=torch.nn.functional.softplus, maximum=torch.maximum,
    )  # fmt: skip

    def step():
        J, leaves = graph(use)
        return float(J.detach()), torch.autograd.grad(J, leaves, allow_unused=True)

    return step


def with_micrograd(graph):
    """micrograd itself, which has no exponential."""
    from micrograd.engine import Value

    if graph is chain:
        raise ImportError("micrograd has no exponential")

    def step():
        J, leaves = graph(SimpleNamespace(parameter=Value, data=Value, relu=Value.relu))
        J.backward()
        return J.data, [leaf.grad for leaf in leaves]

    return step


PEERS = {"PyTorch, eager": with_pytorch, "micrograd": with_micrograd}


def sizes_of(made):
    """How many operations a step has, and how many instructions."""
    report = made.report()
    return int(re.search(r"share +(\d+)", report)[1]), int(re.search(r"a step is (\d+) instructions", report)[1])


def taken(call, count):
    """CPU seconds that a call takes."""
    began = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - began) / count


def measured(graph):
    """For each of ours its program, and for each competitor the seconds of a step."""
    made = {name: program(graph, **options) for name, options in OURS.items()}
    calls = {name: (each.repeat, (20,)) for name, each in made.items()}
    for each in made.values():
        each.repeat(2)
    expected = graph(mg)[0].value
    for name, make in PEERS.items():
        try:
            step = make(graph)
        except ImportError:
            continue
        assert np.isclose(step()[0], expected, rtol=1e-12), name
        calls[name] = step, ()
    rounds = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, (call, arguments) in calls.items():
            rounds[name].append(taken(lambda call=call, arguments=arguments: call(*arguments), 1) / (arguments or (1,))[0])
    return made, {name: statistics.median(found) for name, found in rounds.items()}


def main():
    """Print a table of instructions and times, and one of ratios."""
    print("| graph | operations | " + " | ".join(f"{name}: calls | a step" for name in OURS) + " |")
    print("|---" * (2 + 2 * len(OURS)) + "|")
    times = {}
    for title, graph in GRAPHS.items():
        made, times[title] = measured(graph)
        cells = [f"{sizes_of(each)[1]:,} | {times[title][name] * 1e6:,.0f} µs" for name, each in made.items()]
        print(f"| {title} | {sizes_of(made['one by one'])[0]:,} | {' | '.join(cells)} |", flush=True)
    quick = list(OURS)[1:]
    columns = (cell for title in GRAPHS for cell in (f"{title}: a step", *(f"÷ {name}" for name in quick)))
    print(f"\n| against | {' | '.join(columns)} |\n" + "|---" * (1 + len(GRAPHS) * (1 + len(quick))) + "|")
    for peer in PEERS:
        cells = []
        for found in times.values():
            theirs = found.get(peer)
            cells += ["–"] * (1 + len(quick)) if theirs is None else [f"{theirs * 1e3:,.0f} ms"]
            cells += [] if theirs is None else [f"{theirs / found[name]:,.0f}" for name in quick]
        print(f"| {peer} | {' | '.join(cells)} |", flush=True)
