"""Optimisers: how a step of training follows from the gradients. Written on nodes, so that a step is one program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from minigraph import Node
from minigraph.values import Array


class Optimiser(ABC):
    """What `fit` improves parameters by. Yours is a subclass with `updates`, and with a `memory` if it needs one.

    What it remembers from step to step is part of the training's state: an interrupt goes back to what it was after
    the last whole epoch, a model file holds it, and ``fit(…, resume=True)`` goes on with it.

    Example:
        >>> import numpy as np
        >>> from minigraph.models import LogisticRegression, Optimiser
        >>> class Momentum(Optimiser):
        ...     def memory(self, value):
        ...         return {"velocity": np.zeros_like(value)}
        ...     def updates(self, parameter, gradient, memory, rate):
        ...         velocity = 0.9 * memory["velocity"] + gradient
        ...         return {parameter: parameter - rate * velocity, memory["velocity"]: velocity}
        >>> X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), [[0, 0, 1, 1]]
        >>> fits = [LogisticRegression().fit(X, Y, epochs=20, optimiser=o) for o in (None, Momentum())]
        >>> [round(net.history.cost[-1], 3) for net in fits]
        [0.443, 0.127]
    """

    @property
    def name(self) -> str:
        """In model files and messages; a net goes on training with an optimiser of the same name."""
        return type(self).__name__

    def memory(self, value: Array) -> dict[str, Array]:
        """What is remembered of a parameter from step to step, by name, as it is before the first one; often zeros.

        Args:
            value: the parameter's first value.
        """
        return {}

    @abstractmethod
    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """One step: the next value of the parameter, and of each node of its memory, as `minigraph.compile` takes them.

        Args:
            parameter: the node to improve.
            gradient: ∂J/∂parameter, of the same shape.
            memory: the nodes that hold its memory, by name.
            rate: the learning rate.
        """


class GradientDescent(Optimiser):
    """Plain descent: parameter ← parameter − rate · ∂J/∂parameter. It remembers nothing.

    Example:
        >>> import minigraph as mg
        >>> w = mg.parameter(3.0, "w")
        >>> step = mg.compile([w], updates=GradientDescent().updates(w, mg.grad(w * w, w), {}, rate=0.1))
        >>> [w.value.item() for _ in range(2) if step()]
        [2.4, 1.92]
    """

    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """A step downhill."""
        return {parameter: parameter - rate * gradient}
