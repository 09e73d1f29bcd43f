"""Python as in a browser: no process, no thread, no renderer. `bash .ci/pyodide` has a real one."""

import subprocess
import sys
from pathlib import Path

CI = Path(__file__).parents[2] / ".ci"
REFUSED = """
import importlib.util, os, subprocess, threading

def refuse(*_, **__):
    raise OSError(138, "Function not implemented")

def no_thread(*_, **__):
    raise RuntimeError("can't start new thread")

subprocess.Popen.__init__ = os.fork = os.posix_spawn = refuse
threading.Thread.start = no_thread
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in {"pygraphviz", "matplotlib"} else found(name, *more)
"""


def test_all_that_a_browser_must_do_is_done_where_nothing_can_be_started(tmp_path):
    program = REFUSED + (CI / "in_a_browser.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0 and done.stdout.endswith("all of it works here\n"), done.stderr
