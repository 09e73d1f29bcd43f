"""How operations become instructions: a file for each family, a record for each operation; `table` finds it.

An operation without a record is called by its forward rule; one whose forward rule is a ufunc of NumPy needs none.
"""

from minigraph.program.lowering import activations, arithmetic, levels, losses, products, reductions, shapes
from minigraph.program.lowering.table import register

for family in (arithmetic, activations, losses, reductions, shapes, products, levels):
    for kind, lowering in family.LOWERINGS.items():
        register(kind, lowering)
