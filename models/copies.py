"""Copies and pickles of nets: made of what a model file holds, so that no parameter is shared and no code is stored."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .model_file import from_bytes, to_bytes

if TYPE_CHECKING:
    from .nets import Array, Net


def parts_of(net: Net) -> tuple[Any, ...]:
    """What `rebuild` makes the net of again.

    Raises:
        TypeError: if the net's class can't be called with its settings; said now, not when a pickle is read.
    """
    kind, settings = type(net), net.settings()
    try:
        inspect.signature(kind).bind(**settings)
    except TypeError as error:
        raise TypeError(
            f"a {kind.__name__} can't be copied or pickled: a copy is made by {kind.__name__}(**net.settings()), and its "
            f"__init__ does not take them ({error}). Let it take {', '.join(settings)} by name and hand them on, or let "
            "settings() return what it takes; or use net.save(path) and load(path)."
        ) from None
    if net.is_fitted:
        return type(net), to_bytes(net), {}, [], None
    return type(net), None, net.settings(), [node.value for node in net.parameters], net.target_name


def rebuild(
    kind: type[Net], file: bytes | None, settings: dict[str, Any], values: list[Array], target_name: str | None
) -> Net:
    """The net that `parts_of` took apart: from a model file, or, before fit, from its settings and first values."""
    if file is not None:
        return from_bytes(file, f"a copy of a {kind.__name__}", kind)
    net = kind(**settings)
    for node, value in zip(net.parameters, values, strict=True):
        node.value = value
    net.target_name = target_name
    return net
