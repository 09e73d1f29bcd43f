"""What the interpreter's calls give, by NumPy."""

import numpy as np

from minigraph.program.native.rows import REDUCTIONS, Call


def by_numpy(call: Call) -> None:
    """Do the call."""
    with np.errstate(all="ignore"):
        if call.function in REDUCTIONS:
            reduce = {"add.reduce": np.add, "maximum.reduce": np.maximum}[call.function].reduce
            reduce(call.operands[0], call.axes, None, call.out, call.keepdims)
        elif call.function == "add.accumulate":
            call.out[...] = np.add.accumulate(call.operands[0], *call.axes)
        elif call.function == "dot":
            call.out[...] = np.dot(*call.operands)
        elif call.function == "dot.add":
            call.out[...] += np.dot(*call.operands)
        elif call.function == "take":
            call.out[...] = np.take(*call.operands, axis=call.axes[0])
        elif call.function == "copyto":
            np.copyto(call.out, call.operands[0])
        else:
            getattr(np, call.function)(*call.operands, out=call.out, casting="unsafe")
