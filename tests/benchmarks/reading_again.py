"""Reading value and gradients of a small net again after its parameters changed, against HIPS autograd.

    python tests/benchmarks/reading_again.py [rounds]

Both compute the same function of the same numbers, and must agree to 1e-12. The rounds are interleaved, so
that whatever else the machine does meets both; a line shows the medians and the quartiles. Needs the
package autograd; run it with OMP_NUM_THREADS=1 for steady numbers.
"""

import itertools
import statistics
import sys
import time

import numpy as np

import minigraph as mg

NETS = {"3-4-1, m = 6": ([3, 4, 1], 6), "2-4-1, m = 400": ([2, 4, 1], 400), "30-16-8-1, m = 400": ([30, 16, 8, 1], 400)}


def start(sizes, m):
    """Parameters W1, b1, W2, … and examples as columns with labels."""
    rng = np.random.default_rng(0)
    parameters = []
    for below, size in itertools.pairwise(sizes):
        parameters += [rng.normal(size=(size, below)) / np.sqrt(below), np.zeros((size, 1))]
    return parameters, rng.normal(size=(sizes[0], m)), rng.integers(0, 2, (1, m)).astype(float)


def with_minigraph(sizes, m):
    """Assign the parameters, and read J and its gradients: nodes that are pulled afresh."""
    values, X, Y = start(sizes, m)
    parameters = [mg.parameter(value) for value in values]
    A = mg.data(X)
    for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        A = mg.tanh(W @ A + b)
    J = mg.bce_with_logits(parameters[-2] @ A + parameters[-1], Y).mean()
    gradients = mg.grad(J, parameters)

    def read(values):
        for node, value in zip(parameters, values, strict=True):
            node.value = value
        return J.value, [gradient.value for gradient in gradients]

    return read


def with_autograd(sizes, m):
    """value_and_grad of the same function."""
    import autograd
    import autograd.numpy as anp

    _, X, Y = start(sizes, m)

    def cost(parameters):
        A = X
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            A = anp.tanh(anp.dot(W, A) + b)
        Z = anp.dot(parameters[-2], A) + parameters[-1]
        return anp.mean(anp.maximum(Z, 0) - Z * Y + anp.log1p(anp.exp(-anp.abs(Z))))

    return autograd.value_and_grad(cost)


def in_numpy(sizes, m):
    """The same by hand: what the arrays alone cost."""
    _, X, Y = start(sizes, m)

    def read(parameters):
        activations = [X]
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            activations.append(np.tanh(W @ activations[-1] + b))
        Z = parameters[-2] @ activations[-1] + parameters[-1]
        e = np.exp(-np.abs(Z))
        cost = np.mean(np.maximum(Z, 0) - Z * Y + np.log1p(e))
        dZ = (np.where(Z > 0, 1, e) / (1 + e) - Y) / Y.size
        gradients = []
        for i in range(len(parameters) - 2, -1, -2):
            A = activations[i // 2]
            gradients[:0] = [dZ @ A.T, dZ.sum(axis=1, keepdims=True)]
            if i:
                dZ = (parameters[i].T @ dZ) * (1 - A * A)
        return cost, gradients

    return read


COMPETITORS = {"minigraph": with_minigraph, "HIPS autograd": with_autograd, "bare NumPy": in_numpy}


def measure(sizes, m, rounds, steps=50):
    """Microseconds for one change and reading, one list for each competitor."""
    readers = {name: make(sizes, m) for name, make in COMPETITORS.items()}
    values, _, _ = start(sizes, m)
    reference = readers["bare NumPy"](values)
    for name, read in readers.items():
        value, gradients = read(values)
        assert np.isclose(value, reference[0], rtol=1e-12), f"{name}: another value"
        for found, expected in zip(gradients, reference[1], strict=True):
            assert np.allclose(found, expected, rtol=1e-9, atol=1e-12), f"{name}: other gradients"
    times = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            parameters = values
            begin = time.perf_counter()
            for _ in range(steps):
                _, gradients = read(parameters)
                parameters = [p - 0.01 * g for p, g in zip(parameters, gradients, strict=True)]
            times[name].append((time.perf_counter() - begin) / steps * 1e6)
    return times


def main():
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    print(f"µs to change the parameters and read J and all gradients; median of {rounds} interleaved rounds (quartiles)")
    print(f"{'net':20}" + "".join(f"{name:>26}" for name in COMPETITORS) + f"{'autograd ÷ minigraph':>24}")
    for title, (sizes, m) in NETS.items():
        times = measure(sizes, m, rounds)
        cells = []
        for found in times.values():
            low, middle, high = statistics.quantiles(found, n=4)
            cells.append(f"{middle:.0f} ({low:.0f}–{high:.0f})")
        ratio = statistics.median(times["HIPS autograd"]) / statistics.median(times["minigraph"])
        print(f"{title:20}" + "".join(f"{cell:>26}" for cell in cells) + f"{ratio:>24.1f}")


if __name__ == "__main__":
    main()
