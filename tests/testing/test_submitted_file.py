"""Programs and notebooks that are handed in, with all that people leave in them."""

import json
import sys

import numpy as np
import pytest

from minigraph.testing.handed_in import HandedIn, Refused
from minigraph.testing.submitted_file import submitted_function

ANSWER = "def backward(X):\n    return {'dX': X * FACTOR}\n"


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "handed_in", None)


@pytest.fixture
def of(tmp_path):
    def function(content, name="anna.py", seconds=2.0):
        content = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(content)
        return submitted_function(tmp_path / name, "backward", seconds)

    return function


def notebook(*cells, **more):
    made = [{"cell_type": "code", "source": cell, **more} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["def"]}, *made]})


@pytest.mark.parametrize(
    "text",
    [
        f"FACTOR = 3\n{ANSWER}",
        f"\ufeffFACTOR = 3\n{ANSWER}",
        f"FACTOR: int = 3\n{ANSWER}assert 1 == 2\nprint(backward(no))\nfor i in 3: pass\nrest = 1 / 0\n",
        f"if True:\n    FACTOR = 3\n{ANSWER}if __name__ == '__main__':\n    raise ValueError\n",
        f"FACTOR = 2\nFACTOR += 1\n{ANSWER}NETS = RandomNets()\ngrade = check_backward(backward)\n",
        "class Net:\n    def back(self, X):\n        return {'dX': 3 * X}\nbackward = Net().back\n",
        f"from dataclasses import dataclass\n@dataclass\nclass Cache:\n    Z: 'list' = None\nFACTOR = 3\n{ANSWER}",
    ],
)
def test_programs(of, text):
    assert of(text)(2) == {"dX": 6}


@pytest.mark.parametrize(
    "cells",
    [
        ("FACTOR = 3", ANSWER),
        (["FACTOR = 3\n", "x = 1"], ANSWER.splitlines(keepends=True)),
        ("%matplotlib inline\nFACTOR = 3\n!ls -l\nnp.sum?\n?np", ANSWER),
        ("%%time\nFACTOR = 3", ANSWER),
        ("%%bash\nls | wc", "%%writefile x.txt\nno python here", "%%html\n<b>x</b>", "FACTOR = 3", ANSWER),
        ("FACTOR = 3", "def backward(X:", ANSWER, "what is this", "raise ValueError", "import no_such_module"),
        ("FACTOR = 3\nline = '''\n% of all\n'''", ANSWER),
        (ANSWER.replace("FACTOR", "1"), "FACTOR = 3", ANSWER),
    ],
)
def test_notebooks(of, cells):
    assert of(notebook(*cells), "anna.ipynb")(2) == {"dX": 6}


def test_an_old_notebook(of):
    cells = [{"cell_type": "code", "input": ["FACTOR = 3"]}, {"cell_type": "code", "input": ANSWER}]
    assert of(json.dumps({"worksheets": [{"cells": cells}]}), "anna.IPYNB")(2) == {"dX": 6}


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("", "anna.py", r"there is no function backward in anna\.py"),
        ("backward = 3", "anna.py", r"backward in anna\.py is no function"),
        ("def backward(:\n", "anna.py", r"no function backward in anna\.py \(anna\.py is no Python: SyntaxError: "),
        ("import nosuch\n" + ANSWER, "anna.py", r"anna\.py imports nosuch, which is not here: put what is needed of"),
        ("from numpy import nosuch", "anna.py", "anna.py raises ImportError: cannot import name 'nosuch'"),
        ("def my_backward(X):\n    return X", "anna.py", r"no function backward in anna\.py, but my_backward$"),
        ("if True:\n    exit()\n" + ANSWER, "anna.py", r"anna\.py raises SystemExit"),
        ("x\0y", "anna.py", "is no Python: "),
        ("(" * 5000 + ")" * 5000, "anna.py", "is no Python: "),
        (b"\xff\xfe1", "anna.py", r"anna\.py is no text in UTF-8: hand in"),
        ("{", "anna.ipynb", r"anna\.ipynb is no notebook: save it"),
        ("[]", "anna.ipynb", "is no notebook"),
        ("3", "anna.ipynb", "is no notebook"),
        ('{"cells": [3]}', "anna.ipynb", "is no notebook"),
        ('{"worksheets": []}', "anna.ipynb", "is no notebook"),
        ('{"cells": [{"cell_type": "code", "source": 3}]}', "anna.ipynb", "is no notebook"),
        ("[" * 10**5, "anna.ipynb", "is no notebook"),
        (notebook("def backward(X)\n    return X"), "anna.ipynb", r"\(cell 2 is no Python: SyntaxError: expected ':'"),
        ("if True:\n    while True:\n        pass\n", "anna.py", "outside of functions in anna.py was stopped after 0.3 s"),
    ],
)  # fmt: skip
def test_what_has_no_function(of, content, name, told):
    with pytest.raises(Refused, match=told):
        of(content, name, 0.3 if "while" in str(content) else 2.0)


def test_a_name_in_all_that_is_not_there(of, tmp_path):
    (tmp_path / "of_anna.py").write_text(f"__all__ = ['other', 'backward']\n{ANSWER}")
    with pytest.raises(Refused, match="imports all of of_anna, whose __all__ names other, which is not there"):
        of("from of_anna import *")


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    for name, told in (("no.py", r"no\.py can't be read: No such file"), ("", "can't be read: Is a directory")):
        with pytest.raises(Refused, match=told):
            submitted_function(tmp_path / name, "backward", 1.0)


def test_a_line_is_told_as_it_stands_in_its_cell(of):
    function = of(notebook("FACTOR = 3", "\n\ndef backward(X):\n    return X.no"), "anna.ipynb")
    with pytest.raises(Refused, match=r"in line 4, `return X\.no`"):
        HandedIn(function, None, ["dX"], 1.0).gradients({"X": np.ones(1)}, ["X"])
