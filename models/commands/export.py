"""``minigraph export``: a trained net as a file that predicts without minigraph."""

from __future__ import annotations

import argparse

from minigraph.command_line.commands import Command, UsageError, place
from minigraph.command_line.console import say
from minigraph.files import try_place

from .predict import add_model_argument, read_model


class Export(Command):
    """Writes a trained net as an ONNX model or as a Python file."""

    summary = "write a trained net as a file that predicts without minigraph: an ONNX model, or Python over NumPy"
    examples = (
        "minigraph export run/model.npz model.py          a function over NumPy; for model.onnx onnx is needed",
        "minigraph export run/model.npz model.py --force  replace a file that is there",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The net, and the place of the file."""
        add_model_argument(parser)
        parser.add_argument("out", type=place, metavar="FILE", help="the file to write, which ends in .onnx or .py")
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
        parser.set_defaults(data=())

    def run(self, options: argparse.Namespace) -> int:
        """Write the file; one that is there is refused first."""
        if options.out.exists() and not options.force:
            raise UsageError(f"{options.out} exists already. Give another name, or --force to replace it.")
        try_place(options.out)
        net = read_model(options)
        say(f"wrote {net.export(options.out)}")
        return 0
