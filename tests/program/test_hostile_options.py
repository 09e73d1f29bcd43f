"""Options of operations become text that runs, so only plain values do, and from their content: nobody's `repr` is asked."""

import builtins
import copy
import dataclasses

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.node import Node
from minigraph.core.op import Op
from minigraph.operations.choices import Step
from minigraph.operations.indexing import scatter
from minigraph.operations.reductions import ProductOfOthers
from minigraph.program import passes
from minigraph.program.inserted_operations import Piece
from minigraph.program.instructions import Place, View, checked_function, exact_float
from minigraph.program.lowering.table import Lowering, register
from minigraph.program.numpy_text.source_text import dtype_source, index_source, source_text
from minigraph.program.scalar_levels import Picked

CODE = "__import__('builtins').hostile.append(1) or True"


def saying(kind):
    """A subclass of a plain type that would be written as code, and says so whenever it is asked for text."""

    class Hostile(kind):
        def __repr__(self):
            return CODE

        def __str__(self):
            return CODE

        def __format__(self, specification):
            return CODE

    return Hostile


class Indexed:
    """No number, but counts as one where NumPy takes an index."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    __repr__ = __str__ = lambda self: CODE


class Posing:
    """Says that it is of another type."""

    def __init__(self, kind):
        self.kind = kind

    @property
    def __class__(self):
        return self.kind

    __repr__ = __str__ = lambda self: CODE


INT, FLOAT, TEXT, TUPLE = map(saying, (int, float, str, tuple))
STRANGERS = [
    CODE, TEXT(CODE), np.str_(CODE), CODE.encode(), [CODE], (CODE,), (1, TEXT(CODE)), {CODE: 1}, TUPLE((CODE,)), object(),
    Indexed(1), slice(0, CODE), (slice(Indexed(0), TEXT(CODE)),), Posing(int), Posing(float), Posing(tuple), Posing(slice),
    Posing(bool), Posing(str), np.array([CODE], object), np.datetime64(1, "s"), 1j,
]  # fmt: skip


def disguised(value):
    """The same number, or numbers, in types of somebody else's; None where there is no such form."""
    if isinstance(value, bool):
        return [np.bool_(value)]
    if isinstance(value, int):
        return [INT(value), np.int64(value)]
    if isinstance(value, float):
        return [FLOAT(value), np.float64(value), np.float32(value)]
    if isinstance(value, slice):
        return [slice(*(None if bound is None else INT(bound) for bound in (value.start, value.stop, value.step)))]
    if isinstance(value, tuple):
        return [kind((disguised(part) or [part])[0] for part in value) for kind in (tuple, TUPLE)]
    return []


def nodes():
    """For every operation that has options a node of it."""
    x, y = mg.parameter([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], "x"), mg.parameter([[1.0], [2.0]], "y")
    labels = mg.data([1.0, 0.0, 1.0], "labels")
    return [
        x.sum(axis=1, keepdims=True), x.sum(axis=(0, 1)), x.mean(axis=0, keepdims=True), x.max(axis=1, keepdims=True),
        x.reshape(3, 2), mg.transpose(x, (1, 0)), mg.broadcast_to(y, (2, 3)), mg.concatenate([x, y], axis=1), x**3.0, x**2.0,
        mg.relu(x, at_zero=0.5), mg.leaky_relu(x, slope=0.25), mg.softmax(x, axis=0), mg.log_softmax(x, axis=1), x[0:1],
        x[:, 1], scatter(x[0:1], (slice(0, 1),), (2, 3)), Step(0.25, 0.5, 1.0)(x),
        Piece(slice(0, 2), (2, 1))(x.reshape(6)), x.min(axis=1, keepdims=True), x.prod(axis=0), ProductOfOthers((1,))(x),
        x.cumsum(axis=1), mg.norm(x, axis=1, keepdims=True), mg.stack([x, x], axis=1), mg.one_hot(labels[:2], 3),
        mg.einsum("ij,kj->ik", x, x), mg.logsumexp(x, axis=0), mg.cross_entropy_with_logits(x, labels), mg.square(y) ** y,
        Node(Picked((5, 0)), (x.reshape(6),), (2,), x.dtype),
    ]  # fmt: skip


def options():
    return [(node, field.name) for node in nodes() for field in dataclasses.fields(node.op)]


CASES = [pytest.param(node, name, id=f"{i} {node.op.name} {name}") for i, (node, name) in enumerate(options())]


def with_option(node, name, value):
    """A node as the operation would make it with this option, past all that it would refuse itself."""
    op = copy.copy(node.op)
    object.__setattr__(op, name, value)
    return Node(op, node.inputs, node.shape, node.dtype)


@pytest.fixture(autouse=True)
def hostile(monkeypatch):
    """What hostile code leaves behind."""
    found = []
    monkeypatch.setattr(builtins, "hostile", found, raising=False)
    eval(CODE)
    assert found == [1]
    found.clear()
    yield found
    assert found == []


def programs(node):
    """Programs in which the node is an output, by all passes, and is read by others, by none."""
    yield mg.compile([node])
    yield mg.compile([node * 1.0, mg.tanh(node)], without=passes.names())


@pytest.mark.parametrize(("node", "name"), CASES)
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda stranger: type(stranger).__name__)
def test_what_is_no_plain_value_never_becomes_text(node, name, stranger):
    changed = with_option(node, name, stranger)
    try:
        for program in programs(changed):
            assert "hostile" not in program.source
            program()
    except (TypeError, ValueError, AttributeError, IndexError, KeyError, mg.ShapeError):
        pass  # refused, here or by NumPy; the fixture sees to it that nothing ran


@pytest.mark.parametrize(("node", "name"), CASES)
def test_numbers_in_disguise_are_written_as_the_numbers_that_they_are(node, name):
    expected = np.asarray(node.value)
    for value in disguised(getattr(node.op, name)):
        for program in programs(with_option(node, name, value)):
            assert "hostile" not in program.source
            assert np.allclose(program()[0], expected, rtol=1e-15, atol=1e-15)


def test_all_operations_with_options_are_tried():
    tried = {type(node.op) for node in nodes()}
    waiting, found = [Op], set()
    while waiting:
        waiting += (kind := waiting.pop()).__subclasses__()
        if kind.__module__.startswith("minigraph.") and dataclasses.is_dataclass(kind) and dataclasses.fields(kind):
            found.add(kind)
    shared = {kind for kind in found if kind.__subclasses__()}
    of_programs = {kind for kind in found if kind.__name__ in ("Checked", "Sealed", "Levels")}  # options: nodes, operations
    assert found - shared - of_programs == tried - shared


def test_the_option_that_ran():
    x = mg.data([[1.0, 2.0]], "x")
    with pytest.raises(TypeError, match="keepdims is True or False"):
        x.max(axis=1, keepdims=CODE)
    node = with_option(x.max(axis=1, keepdims=True).named("top"), "keepdims", CODE)
    with pytest.raises(
        TypeError, match="made of numbers, truth values, None, tuples and slices, not of a value of type str"
    ) as e:
        mg.compile(node)
    assert e.value.__notes__ == ["while max of 'x' is (1, 2) became a program"]


class Mine(mg.Elementwise):
    """An operation of the user's own that writes itself with whatever it was given."""

    def __init__(self, emitting):
        self.emitting = emitting

    def forward(self, x):
        return np.array(x)

    def derivatives(self, y, x):
        return [mg.Identity()]


register(Mine, Lowering(lambda write, op, out, *operands: op.emitting(write, out, *operands)))


def forged(x):
    return Place(CODE, x.shape, x.dtype)


EMISSIONS = {
    "text": lambda write, out, x: write.call("add", x, CODE, out),
    "text of somebody's": lambda write, out, x: write.call("add", x, TEXT(CODE), out),
    "a list": lambda write, out, x: write.call("add", x, [1, CODE], out),
    "text in a tuple": lambda write, out, x: write.call("add.reduce", x, (0, CODE), False, out),
    "a function": lambda write, out, x: write.call(f"{CODE} and add", x, x, out),
    "a function of ours": lambda write, out, x: write.call("steps", x, out),
    "too few operands": lambda write, out, x: write.call("add", x, out),
    "a function of NumPy that fills nothing": lambda write, out, x: write.call("argsort", x, out),
    "a function in NumPy's clothes": lambda write, out, x: write.call(TEXT("add"), x, CODE, out),
    "a place": lambda write, out, x: write.call("add", x, forged(x), out),
    "a place for the result": lambda write, out, x: write.call("add", x, x, forged(out)),
    "a place in a product": lambda write, out, x: write.dot(x, forged(x), out),
    "a place by a name of somebody's": lambda write, out, x: write.call("add", x, Place(TEXT(CODE), x.shape, x.dtype), out),
    "a number": lambda write, out, x: write.number(CODE, x.dtype),
    "text that looks like a number": lambda write, out, x: write.number("1.0", x.dtype),
    "a filled array": lambda write, out, x: write.filled(CODE, x.shape, x.dtype),
    "a shape": lambda write, out, x: write.filled(1.0, (CODE,), x.dtype),
    "a dtype": lambda write, out, x: write.filled(1.0, x.shape, CODE),
    "another dtype": lambda write, out, x: write.scratch(x.shape, np.dtype(np.int64)),
    "what fills": lambda write, out, x: write.fill(out, CODE),
    "what is filled": lambda write, out, x: write.fill(forged(out), 1.0),
    "another shape": lambda write, out, x: write.reshaped(x, (CODE,)),
    "a part": lambda write, out, x: write.part(x, slice(0, CODE), (1,)),
}


@pytest.mark.parametrize("emitting", EMISSIONS.values(), ids=EMISSIONS)
def test_what_an_operation_of_ones_own_may_not_write(emitting):
    with pytest.raises((TypeError, ValueError)):
        mg.compile(Mine(emitting)(mg.data([1.0, 2.0], "x")))


def test_what_an_operation_of_ones_own_may_write():
    def emitting(write, out, x):
        write.call("add", x, INT(2), out)
        write.call("multiply", out, FLOAT(0.5), out)
        write.call("add.reduce", x, None, np.bool_(False), write.scratch((), x.dtype))
        write.call("minimum", out, write.number(FLOAT("inf"), x.dtype), out)

    program = mg.compile(Mine(emitting)(mg.data([2.0, -4.0], "x")))
    assert program().tolist() == [2.0, -1.0]
    assert "add(x, 2, mine_x)" in program.source
    assert "multiply(mine_x, 0.5, mine_x)" in program.source


def test_an_operation_of_ones_own_says_its_shape_in_any_whole_numbers():
    class Rows(mg.Op):
        def __init__(self, size):
            self.size = size

        def shape(self, x):
            return (self.size, x.shape[0])

        def forward(self, x):
            return np.tile(x, (int(self.size), 1))

        def derivatives(self, y, x):
            return [None]

    for size in (INT(3), np.int64(3), np.uint8(3)):
        y = Rows(size)(mg.data([1.0, 2.0], "x"))
        assert mg.compile([mg.tanh(y), y.reshape(6), y + np.arange(6.0).reshape(3, 2)])()[1].tolist() == [1.0, 2.0] * 3


def test_names_and_titles_of_somebody_s_text_are_text():
    w = mg.parameter(np.ones(3), TEXT("w"))
    with mg.group(TEXT("a group")):
        y = mg.exp(w).named(TEXT("y"))
    program = mg.compile(y.sum(), updates={w: w - 0.1 * y})
    assert "hostile" not in program.source
    assert "# forward · a group" in program.source
    assert program() == pytest.approx(3 * np.e)


def test_a_view_is_no_text():
    class Seen(mg.Elementwise):
        def __init__(self, view):
            self.seen = view

        def forward(self, x):
            return x

        def derivatives(self, y, x):
            return [mg.Identity()]

    register(Seen, Lowering(view=lambda op, x: op.seen))
    x = mg.data([1.0, 2.0], "x")
    with pytest.raises(
        TypeError,
        match=r'^the lowering of Seen gives as view a View .*, such as View\(\)\.then\("reshape", shape\), or None',
    ):
        mg.compile(mg.exp(Seen(CODE)(x)))
    np.testing.assert_allclose(mg.compile(mg.exp(Seen(View())(x)))(), np.exp([1.0, 2.0]), rtol=1e-15)


def test_how_plain_values_are_written():
    written = {
        "None": None, "True": True, "False": np.bool_(False), "3": INT(3), "-1": np.int8(-1), "0.1": FLOAT(0.1),
        "-0.0": -0.0, "float('inf')": np.inf, "float('nan')": np.float32("nan"), "0.5": np.float32(0.5), "...": ...,
        "()": (), "(1,)": (1,),
        "(1, (2.0, None))": TUPLE((INT(1), (2.0, None))), "slice(1, None, 2)": slice(1, None, INT(2)),
    }  # fmt: skip
    for text, value in written.items():
        assert source_text(value) == text
    assert index_source((slice(1, 3), ..., slice(None), None, 0, slice(None, INT(5), -1))) == "1:3, ..., :, None, 0, :5:-1"
    assert [exact_float(x) for x in (FLOAT(0.5), 2, np.float32(0.25), True, np.True_)] == [0.5, 2.0, 0.25, 1.0, 1.0]
    assert all(type(exact_float(x)) is float for x in (FLOAT(0.5), 2, np.float32(0.25), True, np.True_))
    called = [checked_function(name, count) for name, count in (("add", 2), ("add.reduce", 3), (TEXT("log1p"), 1))]
    assert called == ["add", "add.reduce", "log1p"] and all(type(name) is str for name in called)
    assert [dtype_source(np.dtype(kind)) for kind in ("f8", "f4", "?")] == ["", ", float32", ", bool"]
