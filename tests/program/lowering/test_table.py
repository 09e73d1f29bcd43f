"""What the table of lowerings finds: by type, by the types that it comes from, and only while the forward rule is theirs."""

import numpy as np

import minigraph as mg
from minigraph.core.op import Op
from minigraph.operations.activations import ReLU
from minigraph.operations.arithmetic import Accumulate, Add, Divide, Subtract
from minigraph.operations.elementary import Exp, Log
from minigraph.operations.powers import Power, Sqrt
from minigraph.program.inserted_operations import Checked
from minigraph.program.lowering import activations, arithmetic, levels, losses, products, reductions, shapes
from minigraph.program.lowering.table import Lowering, lowering_of, register, signs

FAMILIES = (arithmetic, activations, levels, losses, products, reductions, shapes)
REGISTERED = {kind for family in FAMILIES for kind in family.LOWERINGS}
BY_FORWARD_RULE = {"concatenate", "scatter"}
"""The operations that programs call through their forward rules."""


def functions(node, without=("expand", "share")):
    return [i.function for i in mg.compile(node, without=without).machine.instructions.step]


def test_each_record_stands_with_one_family():
    families = [set(family.LOWERINGS) for family in FAMILIES]
    assert sum(map(len, families)) == len(REGISTERED) and all(issubclass(kind, Op) for kind in REGISTERED)


def test_only_these_are_called_by_their_forward_rules():
    waiting, found = [Op], set()
    while waiting:
        waiting += (kind := waiting.pop()).__subclasses__()
        if kind.__module__.startswith("minigraph.operations") and kind.forward is not Op.forward:
            found.add(kind)
    unknown = set()
    for kind in found:
        lowering = lowering_of(object.__new__(kind))
        if lowering.write is lowering.view is lowering.expansion is None:
            unknown.add(kind.name)
    forgotten = unknown - BY_FORWARD_RULE
    assert not forgotten, f"say in the file of its family in minigraph/program/lowering/ what programs make of {forgotten}"
    assert unknown == BY_FORWARD_RULE


def test_a_subclass_is_lowered_alike_if_it_keeps_the_forward_rule():
    class Same(ReLU):
        def derivatives(self, a, z):
            return [mg.Identity()]

    class Doubled(ReLU):
        def forward(self, z):
            return 2 * np.maximum(z, 0)

    class Sum(Add):
        def forward(self, a, b):
            return 2 * a + b

    x = mg.parameter([-1.0, 2.0], "x")
    assert functions(Same()(x)) == ["maximum"] and functions(Doubled()(x)) == ["forward"]
    assert mg.compile(Same()(x))().tolist() == [0, 2] and mg.compile(Doubled()(x))().tolist() == [0, 4]
    assert signs(Sum()(x, x)) == [0, 0] and mg.compile(Sum()(x, x))().tolist() == [-3, 6]


def test_a_forward_rule_of_the_object_s_own_is_called():
    op = Exp()
    op.forward = np.log
    x = mg.parameter([1.0, 2.0], "x")
    assert functions(op(x)) == ["forward"] and mg.compile(op(x))().tolist() == np.log([1.0, 2.0]).tolist()


def test_ufuncs_of_numpy_need_no_record():
    class Root(mg.Elementwise):
        forward = staticmethod(np.cbrt)

    class Own(mg.Elementwise):
        forward = staticmethod(np.frompyfunc(lambda x: x + 1.0, 1, 1))

    class Product(mg.Op):
        forward = staticmethod(np.multiply)

        def shape(self, a, b):
            return a.shape

    x = mg.parameter([1.0, 8.0], "x")
    assert functions(Root()(x)) == ["cbrt"] and lowering_of(Root()).in_place
    assert functions(Own()(x)) == ["forward"]
    assert functions(Product()(x, x)) == ["forward"]
    assert mg.compile(Root()(x))().tolist() == [1, 2] and mg.compile(Product()(x, x))().tolist() == [1, 64]


def test_a_record_replaces_another():
    class Twice(mg.Elementwise):
        def forward(self, x):
            return 2 * x

    x = mg.parameter([1.0, 8.0], "x")
    assert functions(Twice()(x)) == ["forward"]
    register(Twice, Lowering(lambda write, op, out, x: write.call("add", x, x, out)))
    assert functions(Twice()(x)) == ["add"]
    register(Twice, Lowering(lambda write, op, out, x: write.call("multiply", x, 2, out)))
    assert functions(Twice()(x)) == ["multiply"] and mg.compile(Twice()(x))().tolist() == [2, 16]


def test_signs():
    x, y = mg.parameter([1.0], "x"), mg.parameter([2.0], "y")
    found = {node.op.name: signs(node) for node in (x + y, x - y, Accumulate()(x, y, x), x * y)}
    assert found == {"add": [1, 1], "subtract": [1, -1], "accumulate": [1, 1, 1], "multiply": [0, 0]}
    assert signs(x) == []


def test_what_is_magnified():
    ops = (Log(), Sqrt(), Power(0.5), Power(-1.0), Power(2.0), Divide(), Add(), Subtract(), Exp())
    first, second = ([op.name for op in ops if lowering_of(op).magnifies(op, i)] for i in (0, 1))
    assert first == ["log", "sqrt", "power", "power"] and second == [*first, "divide"]
    checked = Checked(mg.bce(mg.data([0.5]), mg.data([1.0])), 0)
    assert lowering_of(checked).magnifies(checked, 0)
    free = Checked(mg.bce_with_logits(mg.data([0.5]), mg.data([1.0])), 0)
    assert not lowering_of(free).magnifies(free, 0)
