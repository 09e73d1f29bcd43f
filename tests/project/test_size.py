"""What `python tests/size.py` prints is what there is, and the README says the same."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "size.py"

MODULE = '''"""What it gives,

in two lines."""

import math  # code, though a comment follows

# a comment


def area(radius):
    """Of a circle."""
    text = """no docstring,
    # no comment"""
    return math.pi * radius**2  # code
'''


@pytest.fixture(scope="module")
def size():
    spec = importlib.util.spec_from_file_location("size", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["size"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["size"]


@pytest.fixture
def tree(tmp_path):
    """A small minigraph: a module at the top, two in rings, one of models, two tests, and things that don't count."""
    texts = {
        "minigraph/__init__.py": '"""The names."""\n',
        "minigraph/core/node.py": MODULE,
        "minigraph/program/lowering/sums.py": "x = 1\n\ny = 2\n",
        "models/nets.py": "# only a comment\n",
        "models/data/table.csv": "a,b\n1,2\n",
        "tests/core/test_node.py": "a = 1\nb = 2\nc = 3\n",
        "tests/helpers/figures.py": "a = 1\n",
        "docs/conf.py": "a = 1\n",
        "docs/_build/made.py": "a = 1\n",
        "minigraph/core/__pycache__/old.py": "a = 1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def counted(lines):
    """The numbers of each row, by the word it begins with."""
    return {
        line.split("  ")[0]: [int(n.replace(",", "")) for n in re.findall(r"(?<=\s)[\d,]+(?=\s|$)", line)] for line in lines
    }


def test_lines_are_code_or_docstrings_or_comments(size):
    assert size.size_of(MODULE) == size.Size(files=1, code=5, docstrings=3, comments=1)
    assert size.size_of("") == size.Size(files=1)


def test_every_ring_has_its_modules_and_its_tests(size, tree):
    rows = counted(size.report(tree, with_rings=True))
    assert rows["engine"] == [2, 5, 4, 1, 10, 3]
    assert rows["teaching"] == [0, 0, 0, 0, 0, 0]
    assert rows["workshop"] == [1, 2, 0, 0, 2, 0]
    assert rows["models"] == [1, 0, 0, 1, 1, 0]
    assert rows["tests of all of them, helpers, benchmarks"] == [1]
    assert rows["both packages"] == [4, 7, 4, 2, 13, 4]
    assert rows["tests"] == [2, 4, 0, 0, 4]
    assert rows["docs, checks"] == [1, 1, 0, 0, 1]
    assert rows["all Python"] == [7, 12, 4, 2, 18]
    assert rows["data (CSV, JSON, model files)"] == [1, 8]


def test_a_folder_that_no_ring_names_is_an_error_here_and_gives_totals_elsewhere(size, tree, monkeypatch, capsys):
    (tree / "minigraph" / "cellar").mkdir()
    (tree / "minigraph" / "cellar" / "box.py").write_text("a = 1\n")
    size.main([str(tree)])
    rows = counted(capsys.readouterr().out.splitlines())
    assert rows["both packages"] == [5, 8, 4, 2, 14, 4]
    assert "engine" not in rows
    monkeypatch.setattr(size, "__file__", str(tree / "tests" / "size.py"))
    with pytest.raises(SystemExit, match=r"minigraph.cellar: say in tests/size\.py"):
        size.main([])


def test_a_module_beside_the_folders_belongs_to_no_ring_unless_it_is_named(size):
    assert size.ring_of(Path("minigraph/values.py")) == "engine"
    assert size.ring_of(Path("minigraph/node.py")) is None


def test_the_rings_of_this_tree_hold_all_of_it_and_the_readme_says_what_an_afternoon_holds():
    printed = subprocess.run([sys.executable, SCRIPT], capture_output=True, encoding="utf-8", check=True).stdout
    rows = counted(printed.splitlines())
    parts = [rows[ring] for ring in ("engine", "teaching", "workshop", "models")]
    assert [sum(cells) for cells in zip(*parts, strict=True)][:5] == rows["both packages"][:5]
    lines = int(re.search(r"core and calculus, ([\d,]+) lines", printed)[1].replace(",", ""))
    said = re.search(r"`core` and `calculus`: about ([\d,]+) lines", (ROOT / "README.md").read_text("utf-8"))
    assert abs(int(said[1].replace(",", "")) - lines) < 0.1 * lines
