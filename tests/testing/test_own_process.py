"""A file that was handed in, run in a process of its own: nothing in it changes how it is judged, or ends the grading."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing import RandomNets, check_backward, own_process
from minigraph.testing.handed_in import Refused, Stopped
from minigraph.testing.own_process import InOwnProcess
from minigraph.testing.plain_data import plain, receive, send
from minigraph.testing.serving import limit_memory, serve

RIGHT = "def backward(w, d):\n    return {'dw': 2 * d}\n"
WRONG = "def backward(w):\n    return {'dw': 0 * w}\n"


def cost(w, c):
    d = (w - c).named("d")
    return (d**2).sum()


NETS = RandomNets(cost, w="n 1", c="n 1")
POINTS = {"dw": 2}


@pytest.fixture
def graded(tmp_path):
    def grade(text, file="anna.py", **options):
        (tmp_path / file).write_text(text, encoding="utf-8")
        return check_backward(tmp_path / file, NETS, POINTS, **options)

    return grade


def test_a_right_file_has_all_points_as_a_path_or_a_text_and_under_another_name(graded, tmp_path):
    found = graded(RIGHT)
    assert found.ok and str(found) == "✓ backward: 2 of 2 points.\n✓ dw: 2 of 2"
    assert check_backward(str(tmp_path / "anna.py"), NETS, POINTS).points == 2
    (tmp_path / "ben.py").write_text(RIGHT.replace("backward", "mine"), encoding="utf-8")
    assert check_backward(tmp_path / "ben.py", NETS, POINTS, name="mine").title == "mine"


def test_float32_comes_back_as_float32_which_may_be_off_by_more(graded):
    head = "import numpy as np\n"
    assert graded(head + RIGHT.replace("2 * d", "(2.00002 * d).astype('float32')")).ok
    assert not graded(head + RIGHT.replace("2 * d", "2.00002 * d")).ok


def test_a_wrong_one_is_diagnosed_as_if_it_ran_here(graded):
    found = graded("RATE = 0.1\n\ndef backward(w, d):\n    return {'dw': d * 2 * (-1 if RATE else 1)}\n")
    assert found["dw"].diagnoses == ("the sign is wrong: it is −1 times the right one.",)
    assert found.remarks == ("What it reads from outside of itself (RATE) is of another net: take it from the arguments.",)
    assert "calls minigraph itself" in graded(f"import minigraph as mg\n{RIGHT}    mg.data(1)\n").remarks[0]


@pytest.mark.parametrize(
    "patch",
    [
        "import minigraph as mg\nmg.compare = mg.grade = lambda *_: True",
        "import minigraph.testing.backward_check as b\nb.faults_of = lambda *_: {}",
        "import minigraph.testing.backward_check as b\nb.grad = lambda J, nodes, **_: nodes",
        "import minigraph.testing.grades as g\ng.Grade.points = g.Mark.ok = True",
        "import numpy as np\nnp.allclose = np.array_equal = np.all = lambda *_, **__: True",
        "import sys\nsys.modules['minigraph.explanation.comparing'] = sys",
        "import builtins\nbuiltins.all = builtins.any = lambda *_: True",
        "import minigraph.testing.handed_in as h\nh.HandedIn.gradients = lambda *_: {'dw': True}",
        "import minigraph.testing.serving as s\ns.answered = lambda *_: {'gradients': {'dw': 'right'}, 'points': 2}",
        "import minigraph.testing.plain_data as p\np.to_array = lambda *_: p",
        "import gc\nfor found in gc.get_objects():\n    if hasattr(found, 'faults'): found.ok = True",
    ],
)
def test_what_it_puts_in_the_place_of_the_graders_functions_changes_no_point(graded, patch):
    lines = patch.partition("\n")
    assert graded(f"{lines[0]}\nif True:\n    {lines[2].replace(chr(10), chr(10) + '    ')}\n{WRONG}").points == 0


def test_an_array_that_says_it_is_equal_to_everything_is_numbers(graded):
    kind = "class Equal(np.ndarray):\n    __array_function__ = __eq__ = lambda *_: True\n"
    assert graded(f"import numpy as np\n{kind}{WRONG.replace('0 * w', '(0 * w).view(Equal)')}").points == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "os._exit(0)",
            "it ended Python, with the code 0, and gave no gradients. Is there exit(), quit() or os._exit() in it?",
        ),
        ("sys.exit(0)", "it raises SystemExit: 0, in line 3, `sys.exit(0)`."),
        ("raise KeyboardInterrupt", "it raises KeyboardInterrupt, in line 3, `raise KeyboardInterrupt`."),
        ("os.close(4), os.closerange(3, 20), time.sleep(20)", "it closed the way back, and gave no gradients."),
        ("return {'dw': None}", "it is None, and an array of shape (n, 1) is asked for."),
        ("return {'dw': mg.data(1)}", "it is a node of a graph: hand in its value, an array."),
        ("return {'dw': 'x'}", "it is not an array of numbers: values of dtype <U1 are refused. Write np.array("),
        ("return {'dw': np.zeros((1000, 1001))}", "it has the shape (1000, 1001), which is far too large."),
        ("return {'DW': w}", "it is missing: there is no dw, but DW. Write dw for DW: capitals count."),
        (
            "return {'dw': w + 1j}",
            "it is not an array of numbers: values of dtype complex128 are refused. Give real numbers.",
        ),
        ("[there(n, b'{\"gradients\": 3}\\n') for n in range(3, 20)]", "what came back is no answer."),
        ("[there(n, b'[' * 10**5 + b'\\n') for n in range(3, 20)]", "it closed the way back"),
    ],
)
def test_what_a_call_may_do_and_what_is_said_of_it(graded, line, told):
    head = "import os, sys, time, numpy as np, minigraph as mg\ndef backward(w):\n"
    there = "def there(n, text):\n    try:\n        return os.write(n, text)\n    except OSError:\n        return None\n"
    found = graded(f"{head}    {line}\n{there}", time_limit=2)
    assert found.points == 0 and found["dw"].diagnoses[0].startswith(told)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no signals")
def test_a_signal_is_named(graded):
    text = "import os\ndef backward(w):\n    os.kill(os.getpid(), {})\n"
    said = "Python was ended by SIGKILL, before there were gradients. Does it need more than 4 GiB?"
    assert graded(text.format(9))["dw"].diagnoses == (said,)
    assert graded(text.format(40))["dw"].diagnoses == ("Python was ended by the signal 40, before there were gradients.",)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no limit of memory")
def test_more_memory_than_is_allowed_is_an_exception_of_its_own(graded, monkeypatch):
    monkeypatch.setattr(own_process, "MEMORY", 2**30)
    found = graded("import numpy as np\ndef backward(w):\n    return {'dw': np.ones(2**28)}\n")
    assert "it raises MemoryError: Unable to allocate 2.00 GiB" in found["dw"].diagnoses[0]


def test_a_loop_without_an_end_is_told_with_its_line(graded):
    found = graded("def backward(w):\n    while True:\n        pass\n", time_limit=0.3)
    assert found["dw"].diagnoses[0].startswith("it was stopped, since 0.3 s were over, in line ")


def test_one_that_nothing_inside_can_stop_is_ended_from_outside_with_what_it_started(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(own_process, "PATIENCE", 0.5)
    text = f"""
import os, signal, time
def backward(w):
    if os.fork() == 0:
        open({str(tmp_path / "child")!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
    found = graded(text, time_limit=1)
    assert found["dw"].diagnoses == ("it was stopped from outside, since 1 s were over. Is there a loop without an end?",)
    child = (tmp_path / "child").read_text()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True).stdout.strip()
    assert state in ("", "Z")


def test_a_process_that_escapes_and_holds_the_way_back_is_left_behind(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(own_process, "PATIENCE", 0.2)
    text = f"""
import os, signal, time
def backward(w):
    if os.fork() == 0:
        os.setsid()
        open({str(tmp_path / "child")!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
    found = graded(text, time_limit=1)
    assert "stopped from outside" in found["dw"].diagnoses[0]
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_words_that_come_back_are_one_line_that_a_terminal_shows(graded):
    found = graded("def backward(w):\n    raise ValueError('\\x1b[2J✓ 2 of 2\\npoints' + 2000 * 'x')\n")
    (said,) = found["dw"].diagnoses
    assert said.startswith(r"it raises ValueError: \x1b[2J✓ 2 of 2 points") and len(said) < 1100
    assert json.loads(found.json())["score"] == 0


def test_files_beside_it_are_found_and_read_but_hide_no_package_from_the_grader(graded, tmp_path):
    (tmp_path / "factors.py").write_text("TWO = 2\n")
    (tmp_path / "numpy.py").write_text("raise ValueError('mine')\n")
    (tmp_path / "factor.txt").write_text("1")
    text = "import numpy\nfrom factors import TWO\nONE = int(open('factor.txt').read())\n"
    assert graded(text + RIGHT.replace("2 * d", "TWO * ONE * d")).ok


def test_what_stands_outside_of_functions_has_a_limit_too(graded, monkeypatch):
    monkeypatch.setattr(own_process, "PATIENCE", 0.5)
    said = graded(f"if True:\n    while True:\n        pass\n{RIGHT}", time_limit=0.3)["dw"].diagnoses
    assert said == ("what stands outside of functions in anna.py was stopped after 0.3 s.",)


def test_a_file_goes_without_call_and_a_python_that_does_not_begin_is_no_fault_of_a_student(tmp_path, monkeypatch):
    with pytest.raises(TypeError, match="a file is run in another process, where call can't be"):
        check_backward(tmp_path / "anna.py", NETS, POINTS, call=lambda *_: {})
    monkeypatch.setattr(own_process, "BEGIN", "raise ImportError('no minigraph')")
    with pytest.raises(OSError, match=r"no other Python can be started here\. ImportError: no minigraph"):
        check_backward(tmp_path / "anna.py", NETS, POINTS)


def test_ctrl_c_while_it_begins_leaves_no_process_behind(tmp_path, monkeypatch):
    def impatient(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(InOwnProcess, "_begin", impatient)
    one = InOwnProcess(tmp_path / "anna.py", "backward", ["dw"], 1.0)
    with pytest.raises(KeyboardInterrupt):
        one.__enter__()
    assert one._process.returncode is not None


def test_a_file_that_is_not_there(tmp_path):
    found = check_backward(tmp_path / "no" / "anna.py", NETS, POINTS)
    assert found["dw"].diagnoses == ("anna.py can't be read: No such file or directory.",)


# The other side


def served(*requests):
    """What is answered to requests, in this process."""
    asked, answers = io.BytesIO(), io.BytesIO()
    for request in requests:
        send(asked, request)
    asked.seek(0)
    with contextlib.suppress(EOFError):
        serve(asked, answers)
    answers.seek(0)
    return [json.loads(line) for line in answers]


def test_a_conversation(tmp_path, monkeypatch):
    monkeypatch.setattr("minigraph.testing.serving.limit_memory", lambda most: None)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "anna.py").write_text(RIGHT)
    first = {"file": str(tmp_path / "anna.py"), "function": "backward", "wanted": ["dw"], "seconds": 5.0, "memory": 1}
    arrays = {"arrays": {name: plain(np.array([[1.0], [np.inf]])) for name in "wd"}, "parameters": ["w"]}
    begun, loaded, answer, refused = served(first, arrays, {"arrays": {}, "parameters": []})
    assert (begun, loaded) == ({"begun": True}, {"name": "backward", "outside": [], "engine": []})
    assert answer == {"gradients": {"dw": plain(np.array([[2.0], [np.inf]]))}, "remarks": []}
    assert refused["refused"].startswith("it asks for 'w', which does not exist")
    assert served(first | {"function": "x"})[1] == {"refused": "there is no function x in anna.py, but backward"}
    assert Path.cwd() == tmp_path


def test_there_is_no_limit_of_memory_where_the_system_has_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    limit_memory(1)


def test_what_is_no_message_is_the_end():
    for line in (b"", b"[1]\n", b"{\n", b"[" * 10**5):
        with pytest.raises(EOFError, match="there is no message"):
            receive(io.BytesIO(line))


def test_nothing_is_asked_of_one_that_was_stopped(tmp_path):
    (tmp_path / "anna.py").write_text("import os\ndef backward(w):\n    os._exit(0)\n")
    with InOwnProcess(tmp_path / "anna.py", "backward", ["dw"], 1.0) as one:
        for _ in range(2):
            with pytest.raises(Stopped):
                one.gradients({"w": np.ones(1)}, ["w"])
    assert issubclass(Stopped, Refused)


def test_a_function_here_is_called_here():
    seen = []

    def backward(w, d):
        seen.append(w)
        return {"dw": 2 * d}

    assert check_backward(backward, NETS, POINTS).ok and seen
    assert mg.testing is sys.modules["minigraph.testing"]
