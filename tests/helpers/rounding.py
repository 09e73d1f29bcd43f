"""What a graph gives, and how much of it rounding can change: the graph done again with every value a little off."""

import numpy as np

from minigraph.core.pulling import ancestors, run

RUNS = 6
OFF = 8.0
"""Units in the last place by which values are off, at most: a program adds and multiplies in another order."""


def steps_of(outputs, updates, count, seed=None):
    """The outputs of each step and the last values of the leaves, by the operations' own forward rules.

    With a seed, every value that an operation takes and gives is off by some units in the last place.
    """
    random = None if seed is None else np.random.default_rng(seed)

    def off(value):
        if random is None or not np.size(value):
            return value
        info = np.finfo(np.asarray(value).dtype)
        by = random.uniform(-OFF, OFF, np.shape(value)).astype(value.dtype)
        near = value + (value * (by * info.eps) + np.sign(value) * (by * info.smallest_subnormal))
        return np.where(np.isfinite(value), near, value)

    nodes = ancestors([*outputs, *updates.values()])
    leaves = {node: node.value for node in [*nodes, *updates] if node.op is None}
    found = []
    with np.errstate(all="ignore"):
        for _ in range(count):
            values = dict(leaves)
            for node in nodes:
                if node.op is not None:
                    taken = [off(values[x]) for x in node.inputs]
                    for i in node.op.checked:  # whole numbers are indices and labels: they stay what they are
                        exact = values[node.inputs[i]]
                        taken[i] = exact if np.array_equal(exact, np.rint(exact)) else np.clip(taken[i], 0, 1)
                    values[node] = np.asarray(off(run(node, taken)), node.dtype)
            found += [values[node] for node in outputs]
            leaves |= {leaf: values[new] for leaf, new in updates.items()}
    return [np.asarray(value) for value in (*found, *(leaves[leaf] for leaf in updates))]


def kind(x):
    """0 for finite entries, 1 and −1 for infinities, 2 for NaN."""
    return np.where(np.isnan(x), 2, np.where(np.isinf(x), np.sign(x), 0))


def differences(found, outputs, updates, count):
    """Where arrays are not what the graph gives, to rounding: what was found and what was expected.

    An entry whose NaN or infinity depends on the last digits of others, such as the square root of a − a, is left out.
    """
    expected = steps_of(outputs, updates, count)
    others = [steps_of(outputs, updates, count, seed) for seed in range(RUNS)]
    wrong = []
    with np.errstate(all="ignore"):
        for position, (value, right) in enumerate(zip(found, expected, strict=True)):
            near = [other[position] for other in others]
            decided = np.all([kind(x) == kind(right) for x in near], axis=0)
            info = np.finfo(right.dtype)
            spread = np.max([np.abs(x - right) for x in near], axis=0) + 4 * info.eps * np.abs(right) + info.smallest_normal
            same = np.where(kind(right) == 0, np.abs(value - right) <= 16 * spread, True) & (kind(value) == kind(right))
            wrong += [(position, value, right)] if np.any(decided & ~same) else []
    return wrong
