"""Optimisers: how a step of training follows from the gradients. Written on nodes, so that a step is one program."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.values import Array, real_number

from .errors import unknown


class Optimiser(ABC):
    """What `fit` improves parameters by. Yours is a subclass with `updates`, and with a `memory` if it needs one.

    What it remembers from step to step is part of the training's state: an interrupt goes back to what it was after
    the last whole epoch, a model file holds it, and ``fit(…, resume=True)`` goes on with it.

    Example:
        >>> import numpy as np
        >>> from minigraph.models import LogisticRegression, Optimiser
        >>> class Averaged(Optimiser):
        ...     def memory(self, value):
        ...         return {"mean": np.zeros_like(value)}
        ...     def updates(self, parameter, gradient, memory, rate):
        ...         mean = 0.9 * memory["mean"] + 0.1 * gradient
        ...         return {parameter: parameter - rate * mean, memory["mean"]: mean}
        >>> X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), [[0, 0, 1, 1]]
        >>> fits = [LogisticRegression().fit(X, Y, epochs=20, optimiser=o) for o in ("descent", Averaged())]
        >>> [round(net.history.cost[-1], 3) for net in fits]
        [0.443, 0.511]

    Attributes:
        usual_rate: the learning rate of `fit` if none is given.
    """

    usual_rate: ClassVar[float] = 0.1

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
            rate: the learning rate: a number, or a 0-d node where it changes from epoch to epoch; calculate with it as with
                a number.
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


class Momentum(Optimiser):
    """Descent with momentum: velocity ← momentum · velocity + ∂J/∂parameter, parameter ← parameter − rate · velocity.

    Steps in one direction add up, to 1/(1 − momentum) times one step; steps to and fro cancel.

    Args:
        momentum: how much of the velocity stays, from 0 up to 1.

    Raises:
        ValueError: for a momentum outside.

    References:
        Polyak, Some methods of speeding up the convergence of iteration methods, 1964. Without the factor
        1 − momentum that some courses put before the gradient; their rate is 1/(1 − momentum) times this one.

    Example:
        >>> import minigraph as mg
        >>> w, velocity = mg.parameter(3.0, "w"), mg.data(0.0, "velocity")
        >>> step = mg.compile([w], updates=Momentum(0.5).updates(w, mg.grad(w * w, w), {"velocity": velocity}, rate=0.1))
        >>> [(round(w.value.item(), 3), round(velocity.value.item(), 3)) for _ in range(2) if step()]
        [(2.4, 6.0), (1.62, 7.8)]
    """

    def __init__(self, momentum: float = 0.9):
        self.momentum = _share(momentum, "momentum")

    def memory(self, value: Array) -> dict[str, Array]:
        """The velocity, 0 at first."""
        return {"velocity": np.zeros_like(value)}

    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """A step with the velocity."""
        velocity = _next(memory["velocity"], self.momentum * memory["velocity"] + gradient)
        return {parameter: parameter - rate * velocity, memory["velocity"]: velocity}


class Nesterov(Momentum):
    """Nesterov's momentum: the step goes by where the velocity leads, momentum · velocity + ∂J/∂parameter.

    References:
        Sutskever et al., On the importance of initialization and momentum in deep learning, 2013, in the form of PyTorch.

    Example:
        >>> import minigraph as mg
        >>> w, velocity = mg.parameter(3.0, "w"), mg.data(0.0, "velocity")
        >>> step = mg.compile([w], updates=Nesterov(0.5).updates(w, mg.grad(w * w, w), {"velocity": velocity}, rate=0.1))
        >>> [round(w.value.item(), 3) for _ in range(2) if step()]
        [2.1, 1.32]
    """

    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """A step with the gradient and the new velocity."""
        velocity = _next(memory["velocity"], self.momentum * memory["velocity"] + gradient)
        return {parameter: parameter - rate * (gradient + self.momentum * velocity), memory["velocity"]: velocity}


class RMSprop(Optimiser):
    """Each entry's step is divided by the root of the running mean of its squared gradients.

    square ← decay · square + (1 − decay) · gradient², parameter ← parameter − rate · gradient / (√square + epsilon).

    Args:
        decay: how much of the running mean stays, from 0 up to 1.
        epsilon: keeps entries whose gradient is 0 from a division by 0; from 0 on.

    Raises:
        ValueError: for numbers outside.

    References:
        Tieleman and Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012.

    Example:
        >>> from minigraph.models import DeepNet
        >>> net = DeepNet([1, 3, 1]).fit([[1.0, 2.0, 3.0]], [[0, 1, 0]], optimiser=RMSprop(), epochs=200)
        >>> net.predict([[1.0, 2.0, 3.0]])
        array([[0, 1, 0]])
    """

    usual_rate = 0.01

    def __init__(self, decay: float = 0.9, *, epsilon: float = 1e-8):
        self.decay, self.epsilon = _share(decay, "decay"), _from_zero(epsilon, "epsilon")

    def memory(self, value: Array) -> dict[str, Array]:
        """The running mean of squares, 0 at first."""
        return {"square": np.zeros_like(value)}

    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """A step of about the rate in every entry."""
        square = _next(memory["square"], self.decay * memory["square"] + _rest(self.decay) * mg.square(gradient))
        return {
            parameter: parameter - rate * gradient / (mg.sqrt(square) + self.epsilon),
            memory["square"]: square,
        }


class Adam(Optimiser):
    """The running mean of the gradient over the root of that of its square, both corrected for their start at 0.

    mean ← beta1 · mean + (1 − beta1) · gradient, square ← beta2 · square + (1 − beta2) · gradient², and after t steps
    parameter ← parameter − rate · (mean / (1 − beta1ᵗ)) / (√(square / (1 − beta2ᵗ)) + epsilon). With ``decay`` the
    parameter also shrinks, apart from the gradient (AdamW): parameter ← (1 − rate · decay) · parameter − ….

    Args:
        beta1: how much of the mean stays, from 0 up to 1.
        beta2: how much of the mean of squares stays, likewise.
        epsilon: keeps entries whose gradient is 0 from a division by 0; from 0 on.
        decay: decoupled weight decay, of weights and biases alike; from 0 on.

    Raises:
        ValueError: for numbers outside.

    References:
        Kingma and Ba, Adam, 2015, algorithm 1. Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    Example:
        >>> from minigraph.models import DeepNet
        >>> net = DeepNet([1, 3, 1]).fit([[1.0, 2.0, 3.0]], [[0, 1, 0]], optimiser="adam", epochs=200)
        >>> net.predict([[1.0, 2.0, 3.0]])
        array([[0, 1, 0]])
    """

    usual_rate = 0.01

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, *, epsilon: float = 1e-8, decay: float = 0.0):
        self.beta1, self.beta2 = _share(beta1, "beta1"), _share(beta2, "beta2")
        self.epsilon, self.decay = _from_zero(epsilon, "epsilon"), _from_zero(decay, "decay")

    def memory(self, value: Array) -> dict[str, Array]:
        """Both means, 0 at first, and how much of that 0 is still in each: beta1ᵗ and beta2ᵗ."""
        return {
            "mean": np.zeros_like(value),
            "square": np.zeros_like(value),
            "power1": np.array(1.0),
            "power2": np.array(1.0),
        }

    def updates(self, parameter: Node, gradient: Node, memory: Mapping[str, Node], rate: float) -> dict[Node, Node]:
        """A step of at most about the rate in every entry."""
        mean = _next(memory["mean"], self.beta1 * memory["mean"] + _rest(self.beta1) * gradient)
        square = _next(memory["square"], self.beta2 * memory["square"] + _rest(self.beta2) * mg.square(gradient))
        power1 = _next(memory["power1"], self.beta1 * memory["power1"])
        power2 = _next(memory["power2"], self.beta2 * memory["power2"])
        step = (mean / (1 - power1)) / (mg.sqrt(square / (1 - power2)) + self.epsilon)
        kept = (1 - rate * self.decay) * parameter if self.decay else parameter
        return {
            parameter: kept - rate * step,
            memory["mean"]: mean,
            memory["square"]: square,
            memory["power1"]: power1,
            memory["power2"]: power2,
        }


OPTIMISERS: dict[str, type[Optimiser]] = {
    "descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSprop,
    "adam": Adam,
}
"""What each is called in `fit` and on the command line."""


def make_optimiser(given: Optimiser | str | None) -> Optimiser:
    """The optimiser that is meant: by its name, with its usual settings; by default plain descent."""
    if isinstance(given, str):
        if given not in OPTIMISERS:
            raise unknown("optimiser", given, OPTIMISERS)
        return OPTIMISERS[given]()
    if given is not None and not isinstance(given, Optimiser):
        raise TypeError(f"optimiser is {given!r}: give an Optimiser, such as Adam(), or a name: {', '.join(OPTIMISERS)}.")
    return GradientDescent() if given is None else given


def _share(value: float, name: str) -> float:
    """A number from 0 up to 1, without 1."""
    if not 0 <= (number := real_number(value, name)) < 1:
        raise ValueError(f"{name} is {value}: give a number from 0 up to 1, such as 0.9; with 1 nothing new would count.")
    return number


def _rest(share: float) -> float:
    """1 − share, as it is written: 0.1 for 0.9, where the difference of the floats is 0.09999999999999998."""
    return round(1 - share, 15)


def _next(before: Node, after: Node) -> Node:
    """What comes after, called as what was before it, with a prime."""
    return after if before.name is None else after.named(f"{before.name}′")


def _from_zero(value: float, name: str) -> float:
    if (number := real_number(value, name)) < 0:
        raise ValueError(f"{name} is {value}: give a number from 0 on.")
    return number
