"""Prints the lowest versions that pyproject.toml promises to work with, as a file of constraints for pip."""

import itertools
import re
import tomllib
from pathlib import Path


def floors(pyproject: Path) -> list[str]:
    """`numpy==2.0` for every `numpy>=2.0` among the dependencies and the extras."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    asked = itertools.chain(project["dependencies"], *project["optional-dependencies"].values())
    found = (re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement) for requirement in asked)
    return sorted({f"{match[1]}=={match[2]}" for match in found if match})


if __name__ == "__main__":
    print("\n".join(floors(Path(__file__).parents[1] / "pyproject.toml")))
