"""Each recipe for contributors names files that are there and a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^### (.+)\n((?:(?!^##).*\n)+)", PAGE, re.MULTILINE))


def test_there_are_ten_recipes():
    kinds = ["operation", "linear map", "optimiser", "head", "mistake", "finding", "pass", "subcommand", "look", "lesson"]
    assert len(RECIPES) == len(kinds)
    assert all(re.search(rf"\b{kind}\b", title) for kind, title in zip(kinds, RECIPES, strict=True))


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_names_files_and_tests_that_are_there(title):
    files, _, caught = RECIPES[title].partition("It catches you: ")
    paths = re.findall(r"`([\w.-]+/[\w./-]*)`", files)
    assert paths and not [path for path in paths if not (ROOT / path).exists()]
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", caught)
    assert tests
    for path, name in tests:
        functions = {
            node.name for node in ast.parse((ROOT / path).read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
        }
        assert name in functions, f"{path} has no {name}"


@pytest.mark.parametrize("title", RECIPES)
def test_the_tables_that_a_recipe_speaks_of_stand_where_it_says(title):
    """A name in capitals in a line that begins with a file is defined in that file."""
    for path, rest in re.findall(r"^\d\. `([\w./-]+\.py)`(.*(?:\n   .*)*)", RECIPES[title], re.MULTILINE):
        for table in re.findall(r"`([A-Z][A-Z_]+)`", rest):
            assert re.search(rf"^{table}\b.*=", (ROOT / path).read_text("utf-8"), re.MULTILINE), f"{path} has no {table}"
