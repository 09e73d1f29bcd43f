"""What was tried and not built: one reading of X by BLAS, for both products of the first layer; the update in the product.

CPU time by the BLAS that NumPy carries, on one thread; interleaved rounds, medians.
"""

from __future__ import annotations

import ctypes
import statistics
import time

import numpy as np

from minigraph.program.native.library import numpy_blas

ROUNDS = 21
FIRST_LAYERS = {"W2": (1, 12288, 209, np.float64), "W3": (20, 12288, 209, np.float64)}
UPDATES = {
    "W3, first layer": FIRST_LAYERS["W3"],
    "W4, first layer, 128 examples": (256, 784, 128, np.float32),
    "W4, first layer, 1024 examples": (256, 784, 1024, np.float32),
    "W5, first layer": (1024, 1024, 512, np.float32),
}
BLOCKS = (256, 512, 1024)


def arrays(units, features, examples, dtype):
    """X, D, W and a place for D Xᵀ."""
    random = np.random.default_rng(0)
    X, D, W = (random.standard_normal(shape) for shape in ((features, examples), (units, examples), (units, features)))
    return X.astype(dtype), (1e-6 * D).astype(dtype), W.astype(dtype), np.empty(W.shape, dtype)


def medians(calls):
    """The milliseconds that each call takes."""
    rounds = [[] for _ in calls]
    for _ in range(ROUNDS):
        for call, taken in zip(calls, rounds, strict=True):
            began = time.process_time()
            call()
            taken.append(time.process_time() - began)
    return [statistics.median(taken) * 1e3 for taken in rounds]


def readings(units, features, examples, dtype):
    """W ← W − D Xᵀ and Z = W X, with X read twice, and by so many rows of X at a time."""
    X, D, W, product = arrays(units, features, examples, dtype)
    Z, part = np.empty((units, examples), dtype), np.empty((units, examples), dtype)

    def twice():
        np.dot(D, X.T, product)
        np.subtract(W, product, W)
        np.dot(W, X, Z)

    def by_blocks(rows):
        def once():
            Z.fill(0)
            for start in range(0, features, rows):
                block, its_W = X[start : start + rows], W[:, start : start + rows]
                np.subtract(its_W, D.dot(block.T), its_W)
                np.dot(its_W, block, part)
                np.add(Z, part, Z)

        return once

    return [twice, *map(by_blocks, BLOCKS)]


def updates(units, features, examples, dtype):
    """W ← W − D Xᵀ as a product and a subtraction, and as one call of BLAS, whose β is 1."""
    X, D, W, product = arrays(units, features, examples, dtype)
    number, pointer, size = (ctypes.c_double if dtype == np.float64 else ctypes.c_float), ctypes.c_void_p, ctypes.c_int64
    kinds = [*[ctypes.c_int] * 3, *[size] * 3, number, pointer, size, pointer, size, number, pointer, size]
    gemm = ctypes.CFUNCTYPE(None, *kinds)(numpy_blas()[dtype != np.float64])

    def apart():
        np.dot(D, X.T, product)
        np.subtract(W, product, W)

    def together():
        gemm(
            101, 111, 112, units, features, examples, -1.0, D.ctypes.data, examples, X.ctypes.data, examples, 1.0,
            W.ctypes.data, features,
        )  # fmt: skip

    expected = W - D @ X.T
    together()
    assert np.allclose(W, expected, rtol=1e-5)
    return [apart, together]


def main():
    """Print both tables."""
    print("| first layer | X read twice | " + " | ".join(f"{rows} rows of X at a time" for rows in BLOCKS) + " |")
    print("|---" * (2 + len(BLOCKS)) + "|")
    for name, sizes in FIRST_LAYERS.items():
        twice, *once = medians(readings(*sizes))
        cells = [f"{taken:.2f} ms ({twice / taken:.2f})" for taken in once]
        print(f"| {name} | {twice:.2f} ms | {' | '.join(cells)} |", flush=True)
    if numpy_blas() is None:
        return
    print("\n| W ← W − D Xᵀ | product, then subtraction | one call | ratio |\n" + "|---" * 4 + "|")
    for name, sizes in UPDATES.items():
        apart, together = medians(updates(*sizes))
        print(f"| {name} | {apart:.2f} ms | {together:.2f} ms | {apart / together:.2f} |", flush=True)
