"""The reference names everything that is public, and nothing that isn't there."""

import importlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
DIRECTIVE = re.compile(r"^\.\. (currentmodule|auto\w+):: (\S+)$", re.MULTILINE)
MODULES = [
    "minigraph",
    "minigraph.formulas",
    "minigraph.models",
    "minigraph.models.datasets",
    "minigraph.models.plots",
    "minigraph.testing",
]


OF_OTHERS = {"minigraph.models.sklearn": "sklearn"}
"""What can be looked at only where another library is installed."""


def documented() -> list[tuple[str, str]]:
    """Module and name of every autodoc directive, in order."""
    found = []
    for page in sorted(REFERENCE.glob("*.md")):
        module = ""
        for directive, argument in DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            if directive == "currentmodule":
                module = argument
            else:
                found.append((module, argument))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_in_the_reference(module):
    public = importlib.import_module(module).__all__
    missing = set(public) - {name for where, name in documented() if where == module}
    assert not missing, f"docs/reference lacks {', '.join(sorted(missing))} of {module}: a line in the page of its kind"


def test_the_reference_names_only_what_is_public():
    names = documented()
    assert len(names) > 80
    for module, name in names:
        if module in OF_OTHERS and find_spec(OF_OTHERS[module]) is None:
            continue
        assert name in importlib.import_module(module).__all__, f"{module}.{name} is in docs/reference, but not public"


def test_no_name_stands_there_twice():
    names = documented()
    assert sorted(names) == sorted(set(names))
