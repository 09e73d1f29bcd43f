"""The code of the guide "from PyTorch" prints what stands there."""

import contextlib
import fnmatch
import io
import linecache
import re
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "from-pytorch.md"
BLOCKS = re.findall(r"```python\n(.+?)```(?:\s*```text\n(.+?)```)?", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_guide_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) == 4
    names = {"__name__": "guide"}
    for code, expected in BLOCKS:
        file = Path("net.py").absolute()
        file.write_text(code, "utf-8")  # for the lines that are shown
        linecache.clearcache()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, str(file), "exec"), names)
        shown, pattern = printed.getvalue().strip(), expected.strip().replace("[", "[[]").replace("…", "*")
        assert fnmatch.fnmatchcase(shown, pattern), shown
    assert (tmp_path / "submodules.svg").stat().st_size > 1000
