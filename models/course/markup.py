"""The little Markdown of the texts of a class as HTML; and functions as readers see them."""

from __future__ import annotations

import ast
import html
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

LINK = re.compile(r"\[([^\]]*)\]\(([a-z]+):([^)]*)\)")
"""A link: its text, the kind of its target, and the target."""
_CODE, _STRONG = re.compile(r"`([^`]*)`"), re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?!\*)")


def as_html(text: str, address: Callable[[str, str], str | None]) -> str:
    """The text as HTML.

    Args:
        text: of one paragraph.
        address: from the kind of a target and the target to where the link goes; None leaves its text alone.

    Example:
        >>> as_html("*Ask*: [a < b](pack:quiz.html)", lambda kind, target: target)
        '<em>Ask</em>: <a href="quiz.html">a &lt; b</a>'
    """

    def linked(found: re.Match[str]) -> str:
        to = address(found[2], found[3])
        return found[1] if to is None else f'<a href="{to}">{found[1]}</a>'

    escaped = html.escape(text, quote=False)
    return _STRONG.sub(r"<em>\1</em>", _CODE.sub(r"<code>\1</code>", LINK.sub(linked, escaped)))


def source_of(function: Callable[..., Any], name: str | None = None) -> str:
    """A function as students read it: without annotations, and under another name if one is given.

    Example:
        >>> def _half(x: float) -> float:
        ...     return x / 2
        >>> print(source_of(_half, "half"), end="")
        def half(x):
            return x / 2
    """
    text = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    lines = text.splitlines(keepends=True)
    arguments = ", ".join(
        argument.arg if default is None else f"{argument.arg}={ast.unparse(default)}"
        for argument, default in _with_defaults(definition.args)
    )
    body = "".join(lines[definition.body[0].lineno - 1 :])
    return f"def {name or definition.name}({arguments}):\n{body}"


def _with_defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    named = list(zip(plain, [*defaults, *arguments.defaults], strict=True))
    if arguments.kwarg is not None:
        named.append((ast.arg(f"**{arguments.kwarg.arg}"), None))
    return named


def given(function: Callable[..., Any]) -> str:
    """What a function of one ``return`` gives, as code.

    Example:
        >>> def shown():
        ...     return max(1, 2)
        >>> given(shown)
        'max(1, 2)'
    """
    text = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    returned = definition.body[-1]
    assert isinstance(returned, ast.Return) and returned.value is not None
    return textwrap.dedent(ast.get_source_segment(text, returned.value, padded=True) or "").strip()
