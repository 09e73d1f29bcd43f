"""The data files in this folder."""

from __future__ import annotations

from importlib.resources import files

from ..tables import Table, parse_csv


def shipped_table(name: str) -> Table:
    """A CSV file of this folder; it is found in a wheel too, zipped or not."""
    return parse_csv(files(__package__).joinpath(name).read_text(encoding="utf-8"), name)
