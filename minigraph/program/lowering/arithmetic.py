"""Lowering of arithmetic: signs in sums, powers, what is seen as it is; the rest are ufuncs of NumPy."""

from __future__ import annotations

from minigraph.operations.arithmetic import Accumulate, Add, Cast, Divide, Identical, Subtract
from minigraph.operations.functions import Power
from minigraph.program.instructions import Place, View, Writer
from minigraph.program.lowering.table import Lowering, Table


def _accumulate(write: Writer, op: Accumulate, out: Place, *terms: Place) -> None:
    write.call("add", *terms[:2], out)
    for term in terms[2:]:
        write.call("add", out, term, out)


def _power(write: Writer, op: Power, out: Place, x: Place) -> None:
    if op.exponent == 2:
        write.call("square", x, out)
    else:
        write.call("power", x, write.number(op.exponent, out.dtype), out)


LOWERINGS: Table = {
    Add: Lowering(sign=lambda position: 1),
    Subtract: Lowering(sign=lambda position: -1 if position else 1),
    Divide: Lowering(magnifies=lambda op, position: position == 1),
    Identical: Lowering(view=lambda op, x: View()),
    Accumulate: Lowering(_accumulate, sign=lambda position: 1),
    Cast: Lowering(lambda write, op, out, x: write.copy(x, out)),
    Power: Lowering(_power, in_place=True, magnifies=lambda op, position: bool(op.exponent < 1)),
}
