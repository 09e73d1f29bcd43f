"""The page about the tests and the mutation tester name places that are there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
LISTS = {
    target.id: ast.literal_eval(statement.value)
    for statement in ast.parse((TESTS / "mutation.py").read_text("utf-8")).body
    if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name)
    if target.id in ("FILES", "TESTS")
}


def test_bugs_are_planted_in_files_that_are_there_and_sought_by_tests_that_are_there():
    assert {"FILES", "TESTS"} == set(LISTS)
    missing = [name for name in LISTS["FILES"] if not (ROOT / "minigraph" / name).exists()]
    assert not missing + [name for name in LISTS["TESTS"] if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", ["tests/README.md", "README.md"])
def test_a_page_names_files_that_are_there(page):
    text = (ROOT / page).read_text("utf-8")
    lines = [line for line in text.splitlines() if ".venv" not in line]
    named = re.findall(r"`((?:minigraph|models|tests|helpers|core|operations|docs)/[\w./-]*)`", "\n".join(lines))
    assert named
    assert not [name for name in named if not (ROOT / name).exists() and not (TESTS / name).exists()]


def test_the_layout_of_the_tests_speaks_of_every_folder_that_mirrors_no_package():
    layout = (TESTS / "README.md").read_text("utf-8").partition("## Layout")[2].partition("\n## ")[0]
    mirrored = {path.name for path in (ROOT / "minigraph").iterdir()} | {"models", "docs", "katex", "__pycache__"}
    alone = {path.name for path in TESTS.iterdir() if path.is_dir()} - mirrored
    assert not [name for name in alone if f"`{name}" not in layout]
