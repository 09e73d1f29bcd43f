"""The guide about files for elsewhere: its code runs."""

import re
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "take-it-elsewhere.md"


def test_the_code_of_the_guide_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "net", raising=False)
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    exec(compile("\n".join(blocks), str(GUIDE), "exec"), {})
    files = {"net.onnx", "net.py", "backward.onnx", "backward.py", "predict.onnx", "step.onnx"}
    assert files <= {path.name for path in tmp_path.iterdir()}
