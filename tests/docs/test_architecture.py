"""The page of decisions speaks of the folders that there are."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_the_table_of_rings_is_the_one_that_is_counted():
    rings = runpy.run_path(str(ROOT / "tests" / "size.py"))["RINGS"]
    rows = re.findall(r"^\| (\w+) \| (.+?) \|", PAGE, re.MULTILINE)[1:]
    assert {ring: re.findall(r"`(\w+)`", folders) for ring, folders in rows} == rings


def test_the_folders_of_the_rings_are_there():
    rings = runpy.run_path(str(ROOT / "tests" / "size.py"))["RINGS"]
    named = {folder for ring, folders in rings.items() if ring != "models" for folder in folders}
    assert named == {path.parent.name for path in (ROOT / "minigraph").glob("*/__init__.py")}
