"""Training: the graph of a batch is built, differentiated and compiled once; a step runs the program."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import minigraph as mg
from minigraph import Node
from minigraph.values import Array

from .early_stopping import EarlyStopping
from .errors import DivergenceError, TrainingInterrupted
from .optimisers import Optimiser
from .training_settings import Rate, rate_of
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


class BatchGraph:
    """The cost J and the program of a step that lowers it, for batches of one size."""

    def __init__(self, training: Training, batch: Sequence[Array], *, changing: bool):
        data = [mg.data(array, name) for array, name in zip(batch, ("X", "Y", "example_weights"), strict=False)]
        masks = {name: mg.data(mask, name) for name, mask in training.random_masks(data[0].shape[1]).items()}
        weights = data[2] if data[2:] else None
        l2 = training.l2_of(data[0].shape[1])
        self.cost = training.graph(*data[:2], l2=l2, example_weights=weights, masks=masks)
        gradients = mg.grad(self.cost, training.parameters)
        squared = sum(((gradient * gradient).sum() for gradient in gradients[1:]), (gradients[0] * gradients[0]).sum())
        if training.clip is not None:
            kept = training.clip / mg.maximum(mg.sqrt(squared), training.clip)
            gradients = [kept * gradient for gradient in gradients]
        rate: Any = mg.data(training.rate, "rate") if training.is_scheduled else training.rate
        updates: dict[Node, Node] = {}
        for node, gradient in zip(training.parameters, gradients, strict=True):
            updates |= training.optimiser.updates(node, gradient, training.memory[str(node.name)], rate)
        self.program = mg.compile(
            [self.cost, squared],
            [*(data if changing else ()), *masks.values(), *([rate] if training.is_scheduled else ())],
            updates,
            gram=training.gram,
            memory=training.memory_use,
            backend=training.backend,
            **training.placed([*data, *masks.values()]),
        )

    def step(self, *batch: Any) -> tuple[float, float]:
        """One step, on this X and Y (and weights) if they change, by these masks, at this rate.

        Gives J before it and the squared norm of the gradient.
        """
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
        rate: the learning rate, or what gives that of each epoch.
        l2: λ of the penalty.
        clip: the length of the longest gradient; None for any.
        batch_size: examples in a batch.
        history: what earlier epochs have written, and these add to.
        gram: carry W X instead of W through many epochs where that takes far less time; see `minigraph.compile`.
        memory: "less" to compute activations again in the backward pass; see `minigraph.compile`.
        backend: what runs the steps.
        devices: for JAX: how many devices share a batch, where they can share it equally.

    Attributes:
        completed: the state at the end of the last completed epoch; after all, that of the best with patience.
        rate: the learning rate of the epoch that comes, or came last.
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
        rate: Rate,
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
        self.optimiser, self.schedule, self.history = optimiser, rate, history
        self.rate, self.is_scheduled = rate_of(rate, start.epochs + 1), callable(rate)
        self.l2, self.clip = l2, clip
        self.examples: int = X.shape[1]
        self.batch_size = batch_size
        self.memory: Memory = {
            parameter: {name: mg.data(array, f"{parameter}.{name}") for name, array in own.items()}
            for parameter, own in start.memory.items()
        }
        self.completed, self._shuffler, self._has_drawn = start, start.shuffler(), False
        self.masked = bool(random_masks(1))
        self.gram = gram and not self.masked and not self.is_scheduled  # masks and rates are new in each step
        self.gram_epochs = 0
        self._batches: dict[int, BatchGraph] = {}
        self._diverged_before = bool(history.cost) and risen(history.cost[0], history.cost[-1], masked=self.masked)

    @property
    def shuffler(self) -> np.random.Generator:
        """The generator; who asks for it draws, and the next state has another one."""
        self._has_drawn = True
        return self._shuffler

    @property
    def cost_node(self) -> Node:
        """The node J of a full batch; its data are the first examples."""
        return self._batch(self.batch_size).cost

    def l2_of(self, size: int) -> float:
        """λ for a batch of so many examples: with it the penalty is that of all examples."""
        return self.l2 * (size / self.examples)

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
        rate = [np.float64(self.rate)] if self.is_scheduled else []
        if self.batch_size == self.examples:
            cost, squared = self._batch(self.examples).step(*self._new_masks(self.examples), *rate)
            return cost, math.sqrt(squared)
        order = self.shuffler.permutation(self.examples)
        total, norms = 0.0, []
        for start in range(0, self.examples, self.batch_size):
            chosen = order[start : start + self.batch_size]
            masks = self._new_masks(len(chosen))
            cost, squared = self._batch(len(chosen)).step(*(array[:, chosen] for array in self.arrays), *masks, *rate)
            total += cost * len(chosen)
            norms.append(math.sqrt(squared))
        return total / self.examples, float(np.mean(norms))

    def _new_masks(self, examples: int) -> Iterable[Array]:
        """The masks of a step, if there are any."""
        return self.random_masks(examples, self.shuffler).values() if self.masked else ()

    def run(self, epochs: int, validation: Node | None, patience: int | None = None) -> Generator[int, None, None]:
        """The one loop of training: do more epochs; each time that some are ``completed``, mostly 1, gives how many.

        Args:
            epochs: how many.
            validation: J on the validation part, if there is one.
            patience: so many epochs in a row may lower that by nothing; whatever ends training, even before that, the
                parameters are then those of the best epoch.

        Raises:
            DivergenceError: if the cost is not finite or far above the first epoch's, or ends above it.
            TrainingInterrupted: on Ctrl-C; the last completed epoch is restored.
            ValueError: if the rate that a function gives is none.
        """
        wanted = self.completed.epochs + epochs
        stopping = None if patience is None else EarlyStopping(patience, self.completed, self.history)
        try:
            while self.completed.epochs < wanted and not (stopping and stopping.is_over):
                with np.errstate(all="ignore"):  # numbers that overflow are reported below, as divergence
                    done = self._complete(wanted - self.completed.epochs, validation)
                if stopping is not None:
                    stopping.see(self.completed, self.history.validation_cost[-1])
                yield done
        except DivergenceError:
            self._go_back()
            raise
        except KeyboardInterrupt:
            self._go_back()
            stopped, best = f"stopped after epoch {self.completed.epochs} of {wanted}", stopping and stopping.best
            then = f"after epoch {best.epochs}, the best on the validation part" if best else "then"
            raise TrainingInterrupted(
                f"{stopped}: the net is as it was {then}. fit(…, resume=True) goes on from there."
            ) from None
        finally:
            if stopping is not None and stopping.best is not None:
                self._keep(stopping.best)
        first, last = self.history.cost[0], self.history.cost[self.completed.epochs - 1]
        if risen(first, last, masked=self.masked):
            raise self._diverged(f"rose from {first:.4g} to {last:.4g} in {self.completed.epochs} epochs")

    def _complete(self, most: int, validation: Node | None) -> int:
        """Do an epoch, or many at once where that takes less time. Gives how many."""
        if self.is_scheduled:
            self.rate = rate_of(self.schedule, self.completed.epochs + 1)
        done = self._complete_together(min(TOGETHER, most)) if validation is None else 0
        if not done:
            self._complete_epoch(validation)
        return done or 1

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
        shuffling = self._shuffler.bit_generator.state if self._has_drawn else self.completed.shuffling
        return State(values, shuffling, epochs, self.optimiser.name, memory)

    def _go_back(self) -> None:
        """To the end of the last completed epoch."""
        self.history.truncate(self.completed.epochs)
        self._restore()

    def _keep(self, state: State) -> None:
        """Make this state the one that training has led to; the history keeps what came after it."""
        self.completed = state
        self.history.kept = state.epochs if state.epochs < len(self.history) else None
        self._restore()

    def _restore(self) -> None:
        """Parameters, and what the optimiser remembers, as they were in the completed state."""
        self.completed.restore(self.parameters)
        for parameter, own in self.memory.items():
            for name, node in own.items():
                node.value = self.completed.memory[parameter][name]

    def _diverged(self, what: str) -> DivergenceError:
        return DivergenceError(what, self.rate, self._diverged_before)
