"""How ``train`` fits a net: as the options say; at a lower rate, which is said, where the usual one overshoots."""

from __future__ import annotations

import argparse

from minigraph.command_line.console import note, telling_warnings

from ..errors import DivergenceError, TrainingInterrupted
from ..net import Net
from .data_parts import Parts
from .training_arguments import fit_options, optimiser_of, usual_rate

LOWER = (0.3, 0.1, 0.03, 0.01)
"""What becomes of a usual rate that overshoots, one after the other."""


def fit(net: Net, parts: Parts, options: argparse.Namespace) -> KeyboardInterrupt | None:
    """Train a net on the training part; gives what stopped it, if something did.

    Where no rate was given and the usual one overshoots, a new net starts again with a lower one, which is said, and which
    the options then hold.

    Raises:
        DivergenceError: if the cost grows at the rate that was given, at every one that was tried, or in a net that goes on.
    """
    lower = [] if options.rate or options.resume else [usual_rate(options) * share for share in LOWER]
    while True:
        try:
            return _tried(net, parts, options)
        except DivergenceError as error:
            if not lower:
                error.args = (_why_diverged(error, options),)
                raise
            options.optimiser, options.rate = optimiser_of(options), float(f"{lower.pop(0):.3g}")
            again = f"--optimiser {options.optimiser} --rate {options.rate:g}"
            note(f"with the rate {error.rate:g} the cost {error.what}: training starts again with {again}")


def _tried(net: Net, parts: Parts, options: argparse.Namespace) -> KeyboardInterrupt | None:
    """Train once."""
    try:
        with telling_warnings("minigraph: warning: "):
            net.fit(
                parts.training.X,
                parts.training.Y,
                validation=parts.validation or parts.held_out,  # its cost is noted; without patience it has no influence
                **fit_options(options, parts.training, net),
            )
    except TrainingInterrupted as interrupt:
        return interrupt
    return None


def _why_diverged(error: DivergenceError, options: argparse.Namespace) -> str:
    """What the error says, in the words of this command."""
    kept = f" The model in {options.out} is unchanged." if options.resume else ""
    if error.before:
        advice = f"the net in {options.out} had diverged already. Train anew: --force, not --resume, and a smaller --rate."
    else:
        advice = f"with --rate {error.rate:g} the steps overshoot. Try --rate {error.rate / 10:g}.{kept}"
    return f"the cost {error.what}: {advice}"
