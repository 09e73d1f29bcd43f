"""The shortest machine: instructions done one by one by NumPy, with nothing else known of a program."""

from operator import attrgetter

import numpy as np

from minigraph.program.backends import Linked
from minigraph.program.python_calls import AllFinite, Check, Forward


def do(instruction, operands, out):
    """One instruction."""
    function = instruction.function
    if function == "forward":
        Forward(instruction.node)(*operands, out)
    elif function == "check":
        Check(instruction.node)(*operands)
    elif function == "copyto":
        np.copyto(out, *operands)
    elif function == "dot":
        np.matmul(*operands, out=out)
    elif function == "where":
        out[...] = np.where(*operands)
    elif function == "clip":
        np.clip(*operands, out=out)
    elif function.endswith(".reduce"):
        x, axes, keepdims = operands
        getattr(np, function.partition(".")[0]).reduce(x, axis=axes, out=out, keepdims=keepdims)
    else:
        attrgetter(function)(np)(*operands, out=out)


def linked(instructions):
    """What a `Machine` asks for."""
    arrays = {place: np.full(place.shape, place.value, place.dtype) for place in instructions.constants}
    arrays |= {place: np.zeros(place.shape, place.dtype) for place in instructions.buffers if place.base is None}
    if instructions.kept is not None:
        leaf, place = instructions.kept
        arrays[place] = np.zeros(leaf.shape, leaf.dtype)

    def array(place):
        return arrays[place] if place.base is None else place.view.of(array(place.base))

    def do_all(those):
        for one in those:
            do(one, [array(x) if hasattr(x, "view") else x for x in one.operands], array(one.out))

    for place, value in instructions.fills:
        array(place).fill(value)
    all_finite = AllFinite([parts for _, parts in instructions.guard])

    def steps(count, fresh, *given):
        sources, states = len(instructions.sources), 2 * len(instructions.states)
        arrays.update(zip(instructions.sources.values(), given[:sources], strict=True))
        pairs = [place for state in instructions.states for place in (state.value, state.following)]
        arrays.update(zip(pairs, given[sources : sources + states], strict=True))
        published, *rows = given[sources + states :]
        if fresh:
            do_all(instructions.once)
        for step in range(count):
            in_rows = {place: i for i, place in reversed([*enumerate(instructions.results)]) if place.kind.name == "ROW"}
            arrays.update({place: rows[i][step : step + 1].reshape(place.shape) for place, i in in_rows.items()})
            do_all(instructions.step)
            if not all_finite(*(array(place) for place, _ in instructions.guard)):
                return step
            do_all(instructions.last)
            for i, place in enumerate(instructions.results):
                if in_rows.get(place) != i:
                    rows[i][step] = array(place)
            for state in instructions.states:
                arrays[state.value], arrays[state.following] = arrays[state.following], arrays[state.value]
            if instructions.states:
                published[0] = tuple(arrays[state.value] for state in instructions.states)
        return count

    kept = None if instructions.kept is None else arrays[instructions.kept[1]]
    return Linked(steps, kept, "plain", "plain: one instruction after the other")
