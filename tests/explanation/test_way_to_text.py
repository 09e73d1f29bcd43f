"""The way from J to text: few files, and each calls only what stands below it."""

import sys
from pathlib import Path

import pytest

import minigraph as mg

HOUSE = Path(mg.__file__).parent
LEVELS = {"explanation": 0, "reading": 1, "formulas": 2}
MOST_FILES = 15


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


@pytest.mark.parametrize("example", ["chain", "net"])
def test_the_way_to_text_is_short_and_goes_down(example, request):
    graph = request.getfixturevalue(example)
    wrt = graph.b if example == "chain" else graph.W1
    found = [call for call in calls(lambda: str(mg.explain(graph.J, wrt=wrt))) if call[1].parts[0] in LEVELS]
    assert {"explaining.py", "text_printer.py", "names.py"} <= {callee.name for _, callee, _ in found}
    assert len({callee for _, callee, _ in found}) <= MOST_FILES
    up = [
        (str(caller), what)
        for caller, callee, what in found
        if LEVELS.get(caller.parts[0], 0) > LEVELS[callee.parts[0]] and not what.startswith(("Expanded.", "Guards."))
    ]
    assert up == []  # but for what is written: printers ask it for its form, as they ask a node
