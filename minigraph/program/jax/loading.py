"""JAX itself: loaded when it is first needed, with a word where it is missing or computes with fewer bits than the graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node


def jax_for(what: str) -> Any:
    """The module ``jax``, for the function that needs it.

    Raises:
        ImportError: if it is not there; the message names the extra.
    """
    try:
        import jax
        import jax.numpy
    except ImportError as error:
        raise ImportError(f"{what} needs JAX: pip install 'minigraph[jax]'") from error
    return jax


def refuse_fewer_bits(nodes: Iterable[Node], what: str) -> None:
    """Raise if a node is of float64 and JAX, as it is set now, would round it to float32.

    To change the setting of a whole process is not for a library to do: other code in it may rely on float32.

    Raises:
        RuntimeError: that says how to switch float64 on.
    """
    if jax_for(what).config.jax_enable_x64:
        return
    for node in nodes:
        if node.dtype == np.float64:
            raise RuntimeError(
                f"{what}: {describe(node)} of float64, and JAX is set to 32 bits: it would round every number to 7 digits. "
                'Write jax.config.update("jax_enable_x64", True) where the program begins, or call the function within '
                "`with jax.enable_x64(True):`, or build the graph from float32 arrays."
            )
