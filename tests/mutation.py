"""Plant bugs, one at a time, and see whether the tests notice: a mutation tester for the rules.

    python tests/mutation.py                        # the operations, linear maps and derivatives
    python tests/mutation.py minigraph/core/evaluation.py    # other files
    python tests/mutation.py minigraph/reading --sample 60 --tests tests/reading tests/explanation --workers 1

The tests are collected once, and run once to learn which of them call which function. Each planted bug is a changed
function: the process forks, the child puts the changed code into the live function and runs the tests that call it
until one fails. What is printed are the survivors. Constants outside functions are not changed, nor are the messages
of errors, nor functions inside functions. Works where processes can fork (Linux, macOS).
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import itertools
import math
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).parents[1]
FILES = ["operations", "core/linear_maps.py", "core/shape_maps.py", "core/ledger.py", "calculus"]
TESTS = [
    "tests/core", "tests/formulas", "tests/operations", "tests/calculus", "tests/reading", "tests/checking", "tests/program",
    "tests/explanation",
]  # fmt: skip
# Slow, or in processes that know nothing of the change.
SKIPPED = ("test_scale", "test_imports", "test_public_names")
PATIENCE = 10
"""A test is stopped, and has found the bug, when it takes so many times what it took before, and as many seconds more."""

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And, ast.MatMult: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One planted bug: a function, where it stands, what was changed, and the code with the change."""

    file: str
    module: str
    qualname: str
    line: int
    change: str
    code: CodeType

    @property
    def place(self) -> str:
        """Where the function begins."""
        return f"{self.code.co_filename}:{self.code.co_firstlineno}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.qualname}: {self.change}"


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one thing changed in it, in every way that makes sense."""

    def changed(**fields: Any) -> ast.AST:
        return ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), **fields}), node)

    match node:
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                yield changed(ops=[*ops[:i], SWAPS[type(op)](), *ops[i + 1 :]])
        case ast.BinOp(op=op) if type(op) in SWAPS:
            yield changed(op=SWAPS[type(op)]())
        case ast.BoolOp(op=op, values=values):
            yield changed(op=SWAPS[type(op)]())
            for i in range(len(values)):
                rest = [*values[:i], *values[i + 1 :]]
                yield changed(values=rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield changed(value=not value)
        case ast.Constant(value=int() | float() as value):
            yield changed(value=value + 1)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield changed(test=ast.copy_location(ast.UnaryOp(ast.Not(), test), test))
        case ast.Tuple(elts=[first, second, *rest], ctx=ast.Load()):
            yield changed(elts=[second, first, *rest])
        case ast.Call(args=args, keywords=keywords):
            if len(args) > 1 and not any(isinstance(x, ast.Starred) for x in args):
                yield changed(args=[args[1], args[0], *args[2:]])
            for i in range(len(keywords)):
                yield changed(keywords=[*keywords[:i], *keywords[i + 1 :]])
        case ast.Return(value=ast.expr()):
            yield changed(value=ast.copy_location(ast.Constant(None), node))
        case ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.copy_location(ast.Pass(), node)


def sites(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Every place in the function's body where a node hangs: its parent, the field, the position in a list."""
    waiting: list[ast.AST] = [function]
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, ast.JoinedStr | ast.Assert | ast.Raise):
            continue
        for field, value in ast.iter_fields(parent):
            if parent is function and field != "body":
                continue
            for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST):
                    yield parent, field, position
                    waiting.append(child)


@dataclass(frozen=True)
class Change:
    """One thing changed in a file that has been read: in which function, where it hangs, and what hangs there instead."""

    path: Path
    tree: ast.Module
    function: ast.FunctionDef
    parent: ast.AST
    field: str
    position: int | None
    new: ast.AST

    def mutant(self) -> Mutant | None:
        """The changed function's code; None for a function inside a function."""
        holder = getattr(self.parent, self.field)
        original = holder if self.position is None else holder[self.position]
        put(self.parent, self.field, self.position, self.new)
        fixed = ast.fix_missing_locations(copy.deepcopy(self.tree))
        put(self.parent, self.field, self.position, original)
        code = code_of(compile(fixed, str(self.path), "exec"), self.function)
        if code is None:
            return None
        name = self.path.relative_to(ROOT)
        text = f"{ast.unparse(original)}  →  {ast.unparse(self.new)}".replace("\n", "; ")
        line = getattr(original, "lineno", self.function.lineno)
        module = ".".join(name.with_suffix("").parts)
        module = module if module.startswith("minigraph.") else f"minigraph.{module}"
        return Mutant(str(name), module, code.co_qualname, line, text[:150], code)


def changes_of(path: Path) -> Iterator[Change]:
    """All that can be changed in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for parent, field, position in sites(function):
            holder = getattr(parent, field)
            original = holder if position is None else holder[position]
            for new in changes(original):
                if ast.dump(new) != ast.dump(original):  # not a pair of equal things, exchanged
                    yield Change(path, tree, function, parent, field, position, new)


def put(parent: ast.AST, field: str, position: int | None, node: ast.AST) -> None:
    if position is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[position] = node


def code_of(module: CodeType, function: ast.FunctionDef) -> CodeType | None:
    """The code object of a function or method in compiled code; None for a function inside a function."""
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    waiting = [module]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, CodeType):
                if constant.co_name == function.name and constant.co_firstlineno == first:
                    return constant if "<locals>" not in constant.co_qualname else None
                waiting.append(constant)
    return None


def live_function(mutant: Mutant) -> FunctionType | None:
    """The function object that runs; None for an overload that no longer exists, and where the code asks for other cells."""
    thing: Any = import_module(mutant.module)
    for part in mutant.qualname.split("."):
        thing = thing.__dict__[part]
    thing = getattr(thing, "fget", None) or getattr(thing, "func", None) or getattr(thing, "__func__", thing)
    thing = inspect.unwrap(thing)
    if not isinstance(thing, FunctionType) or thing.__code__.co_firstlineno != mutant.code.co_firstlineno:
        return None
    return thing if thing.__code__.co_freevars == mutant.code.co_freevars else None


class Planting:
    """Runs the collected tests once as things are, then for each mutant those that call the changed function."""

    def __init__(self, found: list[Mutant], workers: int):
        self.found = found
        self.workers = workers
        self.survivors: list[Mutant] = []
        self.callers: dict[str, list[tuple[float, pytest.Item]]] = {}
        self.ready = False

    def pytest_configure(self) -> None:
        """That an example fails is enough: none is made simpler."""
        from hypothesis import Phase, settings  # after pytest, which is to prepare what it loads

        settings.register_profile("planting", settings.get_profile("dev"), phases=[Phase.explicit, Phase.generate])
        settings.load_profile("planting")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [item for item in session.items if not any(name in item.nodeid for name in SKIPPED)]
        self.found = [mutant for mutant in self.found if live_function(mutant) is not None]
        self.ready = self.learn(items)
        if self.ready:
            with ThreadPoolExecutor(self.workers) as workers:
                results = workers.map(self.is_found, self.found)
                for number, (mutant, killed) in enumerate(zip(self.found, results, strict=True)):
                    if not killed:
                        self.survivors.append(mutant)
                        unseen = "" if mutant.place in self.callers else " (no test calls it)"
                        print(f"{number + 1}/{len(self.found)} survived{unseen}: {mutant}", flush=True)
        return True

    def learn(self, items: list[pytest.Item]) -> bool:
        """Run all tests and note which functions each of them calls; False if one fails."""
        wanted = {mutant.place for mutant in self.found}
        called: set[str] = set()

        def note(frame: FrameType, *_: Any) -> None:  # told of calls only: it asks for nothing within them
            called.add(f"{frame.f_code.co_filename}:{frame.f_code.co_firstlineno}")

        for item in items:
            called.clear()
            start = time.perf_counter()
            sys.settrace(note)
            reports = runtestprotocol(item, log=False)
            sys.settrace(None)
            if any(report.failed for report in reports):
                print(item.nodeid, "fails without any change")
                return False
            for place in called & wanted:
                self.callers.setdefault(place, []).append((time.perf_counter() - start, item))
        return True

    def is_found(self, mutant: Mutant) -> bool:
        function = live_function(mutant)
        assert function is not None
        child = os.fork()
        if child == 0:
            killed = True  # also where pytest itself stumbles over the change
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(1, 2)
                function.__code__ = mutant.code
                quickest_first = sorted(self.callers.get(mutant.place, []), key=lambda caller: caller[0])
                killed = any(fails(item, seconds) for seconds, item in quickest_first)
            finally:  # whatever happens: this thread must not wait for more work
                os._exit(killed)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def fails(item: pytest.Item, seconds: float) -> bool:
    """Whether a test that took so long fails now; one that does not end ends the process."""
    signal.alarm(PATIENCE + math.ceil(PATIENCE * seconds))
    return any(report.failed for report in runtestprotocol(item, log=False))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Plant bugs, one at a time, and see whether the tests notice.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE", help="files and folders to plant bugs in")
    parser.add_argument("--tests", nargs="+", default=TESTS, metavar="FILE", help="the tests that seek them")
    parser.add_argument("--functions", nargs="+", metavar="NAME", help="only bugs in the functions of these names")
    parser.add_argument("--sample", type=int, metavar="N", help="only N bugs, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other bugs (default: 0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="how many bugs at a time")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> int:
    paths = [path.resolve() for path in asked.paths] or [ROOT / "minigraph" / name for name in FILES]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    possible = [change for file in files for change in changes_of(file)]
    if asked.functions is not None:
        possible = [change for change in possible if change.function.name in asked.functions]
    if asked.sample is not None:
        random.Random(asked.seed).shuffle(possible)
    mutants = (mutant for change in possible if (mutant := change.mutant()))
    found = list(itertools.islice(mutants, asked.sample))
    planting = Planting(found, asked.workers)
    os.chdir(ROOT)
    pytest.main(["-q", "-W", "error", "-p", "no:cacheprovider", *asked.tests], plugins=[planting])
    if not planting.ready:
        sys.exit("The tests must pass before bugs are planted.")
    planted, survived = len(planting.found), len(planting.survivors)
    print(f"{planted} planted bugs, {planted - survived} found, {survived} survived")
    return bool(planting.survivors)


if __name__ == "__main__":
    sys.exit(main(arguments()))
