"""What the losses share: one loss an entry, of a prediction and a target of the same shape; and usual slips."""

from __future__ import annotations

from typing import Any

from minigraph.core.errors import warn
from minigraph.core.node import Node, Role
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.operations.elementwise import Elementwise
from minigraph.values import Shape


class Loss(Elementwise):
    """One loss an entry, of a prediction and a target of the same shape.

    Attributes:
        squashes: the operation that the loss itself applies to its logits; None where it takes predictions as they are.
        symmetric: True if prediction and target may be exchanged.
    """

    is_loss = True
    broadcasts = False
    operand_names = ("the prediction", "the target")
    squashes: type[Op] | None = None
    symmetric = False

    def __call__(self, *operands: Any) -> Node:
        """The loss of a prediction and a target, with a warning where these look exchanged, or squashed twice."""
        loss = super().__call__(*operands)
        prediction, target = loss.inputs
        if self.squashes is not None and isinstance(prediction.op, self.squashes):
            what, who = prediction.op.name, repr(prediction.name) if prediction.name else "the prediction"
            warn(f"{self.name} applies {what} itself, and {who} is a {what} already. Give it the logits, before the {what}.")
        elif not self.symmetric and prediction.op is None and _is_trained(target) and not _is_trained(prediction):
            names = f"{target.name or 'A'}, {prediction.name or 'Y'}"
            slip = "the second operand depends on parameters and the first does not"
            warn(f"{self.name}: {slip}. The prediction comes first, then the target: mg.{self.name}({names}).")
        return loss

    def shape(self, *operands: Node) -> Shape:
        """The shape that both have."""
        prediction, target = operands
        if prediction.shape != target.shape:
            self.refuse(
                operands,
                "a loss needs equal shapes, since broadcasting them would compare every prediction with every target. "
                + self.how_they_would_fit(prediction, target),
            )
        return prediction.shape

    def how_they_would_fit(self, prediction: Node, target: Node) -> str:
        """What to do about a prediction and a target of unequal shapes."""
        if prediction.ndim == 1 and target.shape in ((1, prediction.size), (prediction.size, 1)):
            return (
                "The prediction has one axis only, as w of shape (n,) makes it: make w a row (1, n) for w @ X, "
                "or a column (n, 1) for w.T @ X."
            )
        if prediction.size == target.size:
            if prediction.ndim == 2 and 1 not in prediction.shape and target.shape == prediction.shape[::-1]:
                return "Examples are columns: turn the target, Y.T."
            return "Reshape the target to the prediction's shape."
        if prediction.ndim == 2 and prediction.shape[0] > 1 and target.size == prediction.shape[1]:
            classes = prediction.shape[0]
            return (
                f"The target has one number for each example, the prediction {classes}. For labels of {classes} classes "
                f"write one-hot columns, np.eye({classes})[:, labels], and use mg.cross_entropy_with_logits."
            )
        return "Each prediction needs one target: are they made from the same examples?"


def _is_trained(node: Node) -> bool:
    return any(x.role is Role.PARAMETER for x in ancestors([node]))
