"""The pictures of the pages that show how it works: every folder and file has its box, and arrows go one way."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "how_it_works"
FLOW = runpy.run_path(str(PAGES / "flow.py"))


def arrows(diagram):
    """The arrows of a picture, by the texts of its boxes."""
    texts = {box.id: box.rows[0].text for box in diagram.view.boxes}
    return {(texts[edge.tail], texts[edge.head]) for edge in diagram.view.edges}


def test_every_folder_has_a_box():
    shown = {box.rows[0].text for box in FLOW["whole"]().view.boxes}
    assert shown == {f"{path.parent.name}/" for path in (ROOT / "minigraph").glob("*/__init__.py")}


def test_the_arrows_between_folders_are_those_of_the_imports():
    found = arrows(FLOW["whole"]())
    assert {
        ("formulas/", "core/"),
        ("core/", "operations/"),
        ("reading/", "drawing/"),
        ("reading/", "explanation/"),
    } <= found
    assert ("core/", "drawing/") not in found  # it comes by way of reading


@pytest.mark.parametrize("folder", ["reading", "drawing", "explanation", "program"])
def test_every_file_of_a_wing_has_a_box_in_the_picture_of_its_page(folder):
    shown = {box.rows[0].text for box in FLOW["wing"](folder).view.boxes}
    files = {path.stem for path in (ROOT / "minigraph" / folder).rglob("*.py")} - {"__init__"}
    assert files <= shown
    assert f'flow.wing("{folder}"' in (PAGES / f"{folder}.md").read_text("utf-8")


def test_an_arrow_leads_from_what_gives_to_what_takes():
    assert {("names", "derived_graphs"), ("derived_graphs", "steps"), ("words", "steps")} <= arrows(FLOW["wing"]("reading"))
