"""The code of the guides to other frameworks runs and prints what stands there."""

import contextlib
import fnmatch
import io
import linecache
import re
import sys
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


def test_from_pytorch(tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
    page = (GUIDES / "from-pytorch.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.+?)```(?:\s*```text\n(.+?)```)?", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    assert len(blocks) == 4
    names = {"__name__": "guide"}
    for code, expected in blocks:
        file = Path("net.py").absolute()
        file.write_text(code, "utf-8")  # for the lines that are shown
        linecache.clearcache()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, str(file), "exec"), names)
        shown, pattern = printed.getvalue().strip(), expected.strip().replace("[", "[[]").replace("…", "*")
        assert fnmatch.fnmatchcase(shown, pattern), shown
    assert (tmp_path / "submodules.svg").stat().st_size > 1000


def test_take_it_elsewhere(tmp_path, monkeypatch):
    for module in ("onnx", "onnxruntime"):
        pytest.importorskip(module, reason=f"needs {module}: pip install -e '.[doors]'")
    guide = GUIDES / "take-it-elsewhere.md"
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "net", raising=False)
    blocks = re.findall(r"^```python\n(.*?)^```", guide.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    exec(compile("\n".join(blocks), str(guide), "exec"), {})
    files = {"net.onnx", "net.py", "backward.onnx", "backward.py", "predict.onnx", "step.onnx"}
    assert files <= {path.name for path in tmp_path.iterdir()}
