import json
import shutil
import subprocess
from pathlib import Path

import pytest

KATEX = Path(__file__).parents[1] / "katex"


@pytest.fixture(scope="session")
def katex():
    """A function that compiles LaTeX and gives what is wrong with it, or ""."""
    node = shutil.which("node")
    if node is None or not (KATEX / "node_modules" / "katex").is_dir():
        pytest.skip("LaTeX is compiled with KaTeX, which is not installed here: npm install --prefix tests/katex")
    with subprocess.Popen(
        [node, str(KATEX / "compile.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:

        def compile_latex(latex):
            process.stdin.write(json.dumps(latex) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield compile_latex
        process.stdin.close()
