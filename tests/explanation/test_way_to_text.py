"""The way from J to text: few files, and each calls only what stands below it."""

import sys
from pathlib import Path

import pytest

import minigraph as mg

HOUSE = Path(mg.__file__).parent
LEVELS = {"explanation": 0, "reading": 1, "formulas": 2}
MOST_FILES = 12
CHECKED_BY = "explanation/nudging.py"
"""The last line of an explanation holds the text against the graph, by a way of its own."""


def calls(job):
    """The calls between files of the package while the job runs, once it has run before: pairs of paths in it."""
    found = set()

    def note(frame, event, _):
        if event == "call" and frame.f_back is not None:
            ends = [Path(each.f_code.co_filename) for each in (frame.f_back, frame)]
            if all(HOUSE in end.parents for end in ends):
                found.add((*(end.relative_to(HOUSE) for end in ends), frame.f_code.co_qualname))

    job()
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        job()
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("example", ["chain", "net", "whole pass"])
def test_the_way_to_text_is_short_and_goes_down(example, request):
    graph = request.getfixturevalue("chain" if example == "chain" else "net")
    wrt = {"chain": "b", "net": "W1"}.get(example)
    found = calls(lambda: str(mg.explain(graph.J, wrt=None if wrt is None else getattr(graph, wrt))))
    found = [call for call in found if call[1].parts[0] in LEVELS]
    files = {callee.as_posix() for _, callee, _ in found} - {CHECKED_BY}
    assert {"explanation/explaining.py", "formulas/text_printer.py", "reading/names.py"} <= files
    assert len(files) <= MOST_FILES, f"{len(files)} files; which of them could be one, or be passed by? {sorted(files)}"
    up = [
        f"{caller} calls {what} of {callee}"
        for caller, callee, what in found
        if LEVELS.get(caller.parts[0], 0) > LEVELS[callee.parts[0]]
    ]
    assert up == []
