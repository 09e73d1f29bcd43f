"""A local derivative by itself: what its map writes on 1."""

from __future__ import annotations

import re
from dataclasses import replace

from minigraph.formulas.notation import ATOM, Expression, Written, negation

UNIT = Expression(ATOM, ("1",), ("1",))
"""An upstream gradient of 1: what a local derivative is pulled on to be written by itself."""
_MINUS_UNIT = negation(UNIT)


def without_unit(written: Written) -> Written:
    """The formula that a linear map wrote on `UNIT`, without the factor 1: c for 1·c."""
    if not isinstance(written, Expression) or written is UNIT:
        return written
    operands = tuple(map(without_unit, written.operands))
    if operands == (UNIT,) and re.fullmatch(" as (1×)*1", written.text[1]):
        return UNIT
    if written.kind in ("·", "⊙", "matrix"):
        for unit, other in (operands, operands[::-1]):
            if unit is UNIT:
                return other
            if _is_minus_unit(unit):
                return negation(other)
    return replace(written, operands=operands)


def _is_minus_unit(written: Written) -> bool:
    return isinstance(written, Expression) and written.text == _MINUS_UNIT.text and written.operands[0] is UNIT
