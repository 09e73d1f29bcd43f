"""Training: the graph of a batch is built, differentiated and compiled once; a step runs the program."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.core.errors import warn
from minigraph.values import Array, real_number

from .errors import DivergenceError, TrainingInterrupted, is_whole
from .optimisers import Optimiser
from .training_state import History, State

Memory = Mapping[str, Mapping[str, Node]]
"""The nodes in which an optimiser remembers, by the name of the parameter and their own."""

TOGETHER = 1000
"""At most so many epochs are done at once by products W X; always as many, so that the same call gives the same bits."""
FAR = 1000.0
"""Training stops as diverged when an epoch's cost is this many times the first epoch's."""


def risen(first: float, last: float, *, masked: bool) -> bool:
    """Whether a training whose cost began and ended so went the wrong way; masks of dropout move costs up and down too."""
    return last > (3.0 if masked else 1.1) * first + 1e-6


def check_settings(epochs: int, rate: float, batch_size: int | None, memory: str, backend: str, devices: int | None) -> None:
    """Refuse settings of a training that make no sense."""
    if not is_whole(epochs, 1):
        raise ValueError(f"epochs is {epochs!r}: give a whole number from 1.")
    if isinstance(rate, bool) or not isinstance(rate, int | float | np.number) or not 0 < rate < np.inf:
        raise ValueError(f"rate is {rate!r}: the learning rate is a number above 0, such as 0.1.")
    if batch_size is not None and not is_whole(batch_size, 1):
        raise ValueError(f"batch_size is {batch_size!r}: give a whole number from 1, or None for all examples at once.")
    if devices is not None and not is_whole(devices, 1):
        raise ValueError(f"devices is {devices!r}: give a whole number from 1, or None for one.")
    if (memory, backend, devices) != ("more", "auto", None):
        check_backend(backend, devices, memory)


def check_penalties(l2: float, clip: float | None) -> None:
    """Refuse what can't hold weights or gradients down."""
    if not real_number(l2, "l2") >= 0:
        raise ValueError(f"l2 is {l2!r}: it weighs the squares of the weights in the cost. Give a number from 0 on.")
    if clip is not None and not real_number(clip, "clip") > 0:
        raise ValueError(f"clip is {clip!r}: give the length above which a gradient is shortened, above 0, or None.")


def check_backend(backend: str, devices: int | None, memory: str = "more") -> None:
    """Refuse a backend or devices that are not there, before anything changes."""
    mg.compile(mg.data(0.0), backend=backend, devices=devices, memory=memory)


def warn_of_unequal(batch: int, devices: int | None) -> None:
    """Warn where devices can't share a batch of so many examples."""
    if devices is not None and batch % devices:
        warn(
            f"{devices} devices can't share the {batch} examples of a batch equally, so that one of them does each step. "
            f"Give a batch_size that {devices} divides."
        )


class BatchGraph:
    """The cost J and the program of a step that lowers it, for batches of one size."""

    def __init__(self, training: Training, batch: Sequence[Array], *, changing: bool):
        data = [mg.data(array, name) for array, name in zip(batch, ("X", "Y", "example_weights"), strict=False)]
        masks = {name: mg.data(mask, name) for name, mask in training.random_masks(data[0].shape[1]).items()}
        weights = data[2] if data[2:] else None
        share = data[0].shape[1] / training.examples  # the penalty is that of all examples in each batch
        self.cost = training.graph(*data[:2], l2=training.l2 * share, example_weights=weights, masks=masks)
        gradients = mg.grad(self.cost, training.parameters)
        squared = sum(((gradient * gradient).sum() for gradient in gradients[1:]), (gradients[0] * gradients[0]).sum())
        if training.clip is not None:
            kept = training.clip / mg.maximum(mg.sqrt(squared), training.clip)
            gradients = [kept * gradient for gradient in gradients]
        updates: dict[Node, Node] = {}
        for node, gradient in zip(training.parameters, gradients, strict=True):
            updates |= training.optimiser.updates(node, gradient, training.memory[str(node.name)], training.rate)
        self.program = mg.compile(
            [self.cost, squared],
            [*(data if changing else ()), *masks.values()],
            updates,
            gram=training.gram,
            memory=training.memory_use,
            backend=training.backend,
            **training.placed([*data, *masks.values()]),
        )

    def step(self, *batch: Array) -> tuple[float, float]:
        """One step, on this X and Y (and weights) if they change, by these masks. Gives J before it and the squared norm."""
        cost, squared = self.program(*batch)
        return float(cost), float(squared)


class Training:
    """Training on batches of all examples, of some, or of one, by one graph's gradients; see `minigraph.models.Net.fit`.

    Args:
        graph: from the nodes X and Y, the λ of the penalty and the examples' weights to the cost J; called once for each
            batch size that occurs.
        random_masks: the masks of a step, by name, for so many examples, by a generator; see `DeepNet.random_masks`.
        parameters: the nodes to improve, in place.
        X: (n, m).
        Y: (outputs, m).
        weights: of the examples, (m,), whose mean is 1; None for 1.
        start: where it begins.
        optimiser: how a step follows from the gradients.
        rate: the learning rate.
        l2: λ of the penalty.
        clip: the length of the longest gradient; None for any.
        batch_size: examples in a batch.
        history: what earlier epochs have written, and these add to.
        gram: carry W X instead of W through many epochs where that takes far less time; see `minigraph.compile`.
        memory: "less" to compute activations again in the backward pass; see `minigraph.compile`.
        backend: what runs the steps.
        devices: for JAX: how many devices share a batch, where they can share it equally.

    Attributes:
        completed: the state at the end of the last completed epoch.
        gram_epochs: how many epochs were done so.
    """

    def __init__(
        self,
        graph: Callable[..., Node],
        random_masks: Callable[..., Mapping[str, Array]],
        parameters: Sequence[Node],
        X: Array,
        Y: Array,
        weights: Array | None,
        start: State,
        optimiser: Optimiser,
        *,
        rate: float,
        l2: float,
        clip: float | None,
        batch_size: int,
        history: History,
        gram: bool,
        memory: str,
        backend: str,
        devices: int | None,
    ):
        self.memory_use, self.backend, self.devices = memory, backend, devices
        self.graph, self.random_masks, self.parameters = graph, random_masks, parameters
        self.arrays = [X, Y] if weights is None else [X, Y, weights.reshape(1, -1)]
        self.optimiser, self.rate, self.history = optimiser, rate, history
        self.examples, self.l2, self.clip = X.shape[1], l2, clip
        self.batch_size = batch_size
        self.memory: Memory = {
            parameter: {name: mg.data(array, f"{parameter}.{name}") for name, array in own.items()}
            for parameter, own in start.memory.items()
        }
        self.completed, self.shuffler = start, start.shuffler()
        self.masked = bool(random_masks(1))
        self.gram, self.gram_epochs = gram and not self.masked, 0  # a mask is new in each step
        self._batches: dict[int, BatchGraph] = {}
        self._diverged_before = bool(history.cost) and risen(history.cost[0], history.cost[-1], masked=self.masked)

    @property
    def cost_node(self) -> Node:
        """The node J of a full batch; its data are the first examples."""
        return self._batch(self.batch_size).cost

    def placed(self, data: Sequence[Node]) -> dict[str, Any]:
        """How `minigraph.compile` is told of the devices for a batch."""
        if self.devices is None or data[0].shape[1] % self.devices:
            return {}
        return {"devices": self.devices, "split": dict.fromkeys(data, 1)}

    def _batch(self, size: int) -> BatchGraph:
        if size not in self._batches:
            batch = [array[:, :size] for array in self.arrays]
            self._batches[size] = BatchGraph(self, batch, changing=size < self.examples)
        return self._batches[size]

    def _epoch(self) -> tuple[float, float]:
        """Every example once. Gives the mean cost and the mean gradient norm over the epoch."""
        if self.batch_size == self.examples:
            cost, squared = self._batch(self.examples).step(*self.random_masks(self.examples, self.shuffler).values())
            return cost, math.sqrt(squared)
        order = self.shuffler.permutation(self.examples)
        total, norms = 0.0, []
        for start in range(0, self.examples, self.batch_size):
            chosen = order[start : start + self.batch_size]
            masks = self.random_masks(len(chosen), self.shuffler).values()
            cost, squared = self._batch(len(chosen)).step(*(array[:, chosen] for array in self.arrays), *masks)
            total += cost * len(chosen)
            norms.append(math.sqrt(squared))
        return total / self.examples, float(np.mean(norms))

    def run(self, epochs: int, validation: Node | None, progress: Callable[[], None]) -> None:
        """Run more epochs, with J on the validation part, if there is one. An epoch counts once it is in ``completed``.

        Raises:
            DivergenceError: if the cost is not finite or far above the first epoch's, or ends above it.
            TrainingInterrupted: on Ctrl-C; the last completed epoch is restored.
        """
        wanted = self.completed.epochs + epochs
        try:
            with np.errstate(all="ignore"):  # numbers that overflow are reported below, as divergence
                while self.completed.epochs < wanted:
                    together = min(TOGETHER, wanted - self.completed.epochs)
                    done = self._complete_together(together) if validation is None else 0
                    if not done:
                        self._complete_epoch(validation)
                    for _ in range(done or 1):
                        progress()
        except (KeyboardInterrupt, DivergenceError) as error:
            self._go_back()
            if isinstance(error, DivergenceError):
                raise
            raise TrainingInterrupted(
                f"stopped after epoch {self.completed.epochs} of {wanted}: the net is as it was then. "
                "fit(…, resume=True) goes on from there."
            ) from None
        first, last = self.history.cost[0], self.history.cost[-1]
        if risen(first, last, masked=self.masked):
            raise self._diverged(f"rose from {first:.4g} to {last:.4g} in {len(self.history)} epochs")

    def _complete_together(self, epochs: int) -> int:
        """Many epochs at once, by products W X; none, and 0, if that gains nothing or the cost runs away."""
        if (
            not self.gram
            or self.batch_size < self.examples
            or not (program := self._batch(self.examples).program).uses_gram(epochs)
        ):
            return 0
        started = time.perf_counter()
        costs, squares = (values.tolist() for values in program.repeat(epochs))
        norms = [math.sqrt(max(square, 0.0)) for square in squares]
        first = (self.history.cost or costs)[0]
        for number, (cost, norm) in enumerate(zip(costs, norms, strict=True), self.completed.epochs + 1):
            if self._trouble(cost, norm, first, number):
                self._go_back()
                self.gram = False  # step by step it will be seen where
                return 0
        seconds = (time.perf_counter() - started) / epochs
        state = self._state(self.completed.epochs + epochs)
        for cost, norm in zip(costs, norms, strict=True):
            self.history.append(cost, norm, seconds, None)
        self.completed = state
        self.gram_epochs += epochs
        return epochs

    def _trouble(self, cost: float, norm: float, first: float, number: int) -> str | None:
        """What is wrong with an epoch's cost, if anything is."""
        if not (math.isfinite(cost) and math.isfinite(self.rate * norm)):
            return f"is no longer a finite number in epoch {number}; it started at {first:.4g}"
        if cost > FAR * max(first, 1.0):
            return f"rose from {first:.4g} to {cost:.4g} by epoch {number}"
        return None

    def _complete_epoch(self, validation: Node | None) -> None:
        started = time.perf_counter()
        cost, norm = self._epoch()
        first, number = (self.history.cost or [cost])[0], self.completed.epochs + 1
        if trouble := self._trouble(cost, norm, first, number):
            raise self._diverged(trouble)
        validation_cost = None if validation is None else float(validation)
        state = self._state(number)
        self.history.append(cost, norm, time.perf_counter() - started, validation_cost)
        self.completed = state

    def _state(self, epochs: int) -> State:
        """Where training stands now, after so many epochs."""
        memory = {parameter: {name: node.value for name, node in own.items()} for parameter, own in self.memory.items()}
        values = tuple(node.value for node in self.parameters)
        return State(values, self.shuffler.bit_generator.state, epochs, self.optimiser.name, memory)

    def _go_back(self) -> None:
        """To the end of the last completed epoch."""
        self.history.truncate(self.completed.epochs)
        self.completed.restore(self.parameters)
        for parameter, own in self.memory.items():
            for name, node in own.items():
                node.value = self.completed.memory[parameter][name]

    def _diverged(self, what: str) -> DivergenceError:
        return DivergenceError(what, self.rate, self._diverged_before)
