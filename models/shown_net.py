"""What every net shows of itself: a picture, a page on which it learns, its health, what a notebook displays."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import minigraph as mg
from minigraph import Node
from minigraph.core.lazy_imports import Displayed
from minigraph.reading.numbers import array_text, shape_text
from minigraph.reading.report_parts import Part, Picture, Table

from .errors import DataError, NotFittedError
from .heads import Head
from .optimisers import Optimiser
from .stored_net import StoredNet
from .training_data import LastFit

if TYPE_CHECKING:
    from minigraph import Diagram, Health
    from minigraph.pages import LivePage


class ShownNet(StoredNet, Displayed):
    """A net that shows itself, with the data of its last fit."""

    def __init__(self, features: int | None, head: Head, standardize: bool, seed: int):
        self._last_fit: LastFit | None = None
        super().__init__(features, head, standardize, seed)

    @property
    def cost_node(self) -> Node:
        """The node J that fit trains: the graph of the logits, on the training data (or on the first batch of it).

        Raises:
            NotFittedError: before fit, and in a net that was loaded: `graph` makes one for any data.
        """
        if self._last_fit is None:
            raise NotFittedError("cost_node is the graph that fit trains: fit first, or use graph(X, Y).")
        return self._last_fit.cost

    def draw(
        self, what: Literal["forward", "backward", "both"] = "backward", X: Any = None, Y: Any = None, **options: Any
    ) -> Diagram:
        """Draw the net in its teaching form, with the last layer's A on the way to J; see `minigraph.draw`.

        A net with dropout is drawn as it trains, with masks by its seed.

        Args:
            what: ``forward``, ``backward`` or ``both``.
            X: examples to draw with; by default the first 6 of the training data.
            Y: their targets.
            options: those of `minigraph.draw`, such as ``level="groups"`` for one box per layer.

        Raises:
            NotFittedError: without X and Y in a net that was not fitted here.
        """
        title = f"{self.name}: {what if what != 'both' else 'forward and backward'} pass"
        if X is None or Y is None:
            if self._last_fit is None:
                raise NotFittedError("draw: no training data are at hand. Give examples: draw(what, X, Y).")
            X, Y = (mg.data(array, name) for array, name in zip(self._last_fit.sample, "XY", strict=True))
            drawn, all_of_them = X.shape[1], self._last_fit.examples
            title += f", {drawn} of {all_of_them:,} examples" if drawn < all_of_them else ""
        features = self._as_features(X)
        masks = self.random_masks(features.shape[1])
        return mg.draw(self.graph(features, Y, loss="probabilities", masks=masks), what, **{"title": title, **options})

    def live(
        self,
        path: str | PathLike[str] | None = None,
        X: Any = None,
        Y: Any = None,
        *,
        rate: float = Optimiser.usual_rate,
        trained: bool = False,
        **options: Any,
    ) -> Path | LivePage:
        """Make a page on which the net learns, step by step: the graph, the cost, and for two features what it says.

        It descends on the cost that fit lowered: with its penalty, and with its weights of examples unless others are
        given. Whatever optimiser fit had, the page takes plain steps, p ← p − α ∂J/∂p, without dropout.

        Args:
            path: the file; without it the page is returned, and a notebook displays it.
            X: examples to learn from; by default the training data. If fit used mini-batches, its first batch, and the
                page says so.
            Y: their targets.
            rate: the learning rate that the page begins with.
            trained: begin with the parameters as they are, not with those that fit began with.
            options: those of `minigraph.live`, such as ``rankdir="TB"``.

        Raises:
            NotFittedError: without X and Y in a net that was not fitted here.
            DataError: if X or Y does not fit.
            OSError: if it can't be written.
        """
        from .live_net import live_net  # here alone are pages needed

        return live_net(self, self._last_fit, path, X, Y, trained=trained, **{"rate": rate, **options})

    def _parts(self) -> list[Part]:
        """Its layers, a picture of them, and its training: what a notebook shows."""
        rows = [
            ("" if node.group is None else node.group.title, str(node.name), shape_text(node.shape), array_text(node.value))
            for node in self.parameters
        ]
        parts: list[Part] = [repr(self).strip("<>")]
        if rows:
            parts.append(Table((("layer", "parameter", "shape", "value"), *rows)))
        if self._last_fit is not None:
            parts.append(Picture(lambda: self.draw("forward", level="groups")))
        return [*parts, *(self.history._parts() if self.history.cost else ())]

    def health(self, X: Any = None, Y: Any = None, rate: float | None = None, *, data: bool = False) -> Health:
        """Look at one backward pass for what keeps the net from learning; see `minigraph.health`.

        Args:
            X: examples; by default the graph that `fit` trained.
            Y: their targets.
            rate: the learning rate of plain steps. Those of Adam and RMSprop are of another size: leave it out for them.
            data: look at the examples as well, as the net sees them: standardised, if it standardises.

        Raises:
            NotFittedError: without X and Y in a net that was not fitted here.
            DataError: if the data are asked about, and only a mini-batch of them is at hand.
            TypeError: if data is not True or False.
        """
        last = self._last_fit
        J = self.cost_node if X is None or Y is None else self.graph(X, Y)
        if data and last is not None and J is last.cost and (shown := last.leaves["X"].shape[1]) < last.examples:
            raise DataError(
                f"health: fit keeps the first mini-batch only, {shown} of {last.examples} examples. To have all of them "
                "looked at, give them: net.health(X, Y, data=True)."
            )
        return mg.health(J, rate=rate, data=data)
