"""`live_net`: a page on which a net learns, in the reader's browser."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigraph.core.node import Node, data
from minigraph.core.pulling import ancestors
from minigraph.pages.live_map import Map, rounded_points
from minigraph.pages.live_page import LivePage, live
from minigraph.values import Array

from .errors import NotFittedError

if TYPE_CHECKING:
    from .stored_net import StoredNet
    from .training_data import LastFit


def live_net(
    net: StoredNet,
    last_fit: LastFit | None,
    path: str | os.PathLike[str] | None,
    X: Any,
    Y: Any,
    *,
    trained: bool,
    **options: Any,
) -> Path | LivePage:
    """The page of a net, with the data of its last fit if none are given; the net stays as it is."""
    inputs, targets, weights, l2 = _learnt_from(net, last_fit, X, Y)
    shown = copy.deepcopy(net)  # its parameters are moved here, those of the net are not
    if not trained:
        shown._set_first_values()
    weights_node = None if weights is None else data(weights, "example_weights")
    J = shown.graph(data(inputs, "X"), data(targets, "Y"), "probabilities", l2=l2, example_weights=weights_node)
    A = next(node for node in ancestors([J]) if node.name == shown._output_place()[0])
    about = {"title": shown.name, "note": "" if X is not None and Y is not None else _note(last_fit, inputs.shape[1])}
    return live(J, path, boundary=_boundary(shown, A, inputs, targets), **{**about, **options})


def _learnt_from(net: StoredNet, last_fit: LastFit | None, X: Any, Y: Any) -> tuple[Array, Array, Array | None, float]:
    """Features and targets as the graph takes them, weights of the examples and λ: of those given, or of the last fit."""
    if X is not None and Y is not None:
        inputs = net._as_features(X).value
        return inputs, net.head.read(Y, inputs.shape[1]), None, 0.0 if last_fit is None else last_fit.l2
    if last_fit is None:
        raise NotFittedError("live: no training data are at hand. Give examples: live(path, X, Y).")
    leaves = last_fit.leaves
    return leaves["X"], leaves["Y"], leaves.get("example_weights"), last_fit.l2_of_cost


def _note(last_fit: LastFit | None, shown: int) -> str:
    """What the page says of its examples, if they are not all that the net was trained on."""
    if last_fit is None or shown == last_fit.examples:
        return ""
    return f"It learns from {shown:,} of the {last_fit.examples:,} examples: the first batch of fit."


def _boundary(net: StoredNet, output: Node, inputs: Array, targets: Array) -> Map | None:
    """The plane of the features, if there are two, and classes to tell apart."""
    if net.features != 2 or not net.head.classes:
        return None
    scaling = net._standardization
    labels = range(net.head.classes) if net.head.labels is None else net.head.labels

    def classify(points: Array) -> Node:
        return net.output(rounded_points(points if scaling is None else scaling.apply(points)))

    return Map(
        output,
        classify,
        inputs if scaling is None else scaling.undo(inputs),
        (targets[0] if len(targets) == 1 else targets.argmax(axis=0)).astype(int).tolist(),
        [str(label) for label in labels],
        list(net.feature_names or ("x1", "x2")),
    )
