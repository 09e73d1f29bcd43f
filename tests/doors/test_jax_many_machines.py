"""Several processes train one net as one process does: the script of the guide, and what only they can meet."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
SCRIPT = GUIDES / "many_machines.py"

NOT_FINITE = """
import sys
import jax, numpy as np
import minigraph as mg
jax.config.update("jax_num_cpu_devices", 1)
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(sys.argv[3], int(sys.argv[2]), int(sys.argv[1]))
x, w = mg.data(np.ones(4), "x"), mg.parameter(1.0, "w")
step = mg.compile((w / x).sum(), [x], {w: w + x.sum()}, backend="jax", split={x: 0})
with jax.enable_x64(True):
    sharding = step.machine.placement.sharding(x)
    good = jax.make_array_from_process_local_data(sharding, np.ones(2))
    bad = jax.make_array_from_process_local_data(sharding, np.zeros(2))
print(step(good), step(np.array([1.0, 0.0, 1.0, 1.0])), w.value)
try:
    step(bad)
except mg.NonFiniteError as error:
    print(error)
print(step(good))
"""


def printed(processes, *command):
    """What each of so many processes prints; each is told its number, how many there are, and where the first is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "error", *command, str(number), str(processes), address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    texts = [process.communicate(timeout=600) for process in running]
    for process, (_, errors) in zip(running, texts, strict=True):
        assert process.returncode == 0, errors
    return [
        "\n".join(line for line in text.splitlines() if "[Gloo]" not in line and "peer ranks" not in line)
        for text, _ in texts
    ]


def numbers(text):
    """The costs and sizes in a text."""
    return np.array([float(number) for number in re.findall(r"\d\.\d{12}", text)])


def test_two_processes_of_four_devices_train_as_one_does(jax):
    both, [alone] = printed(2, str(SCRIPT)), printed(1, str(SCRIPT))
    for number, text in enumerate(both):
        assert f"process {number} of 2: 8 devices, 4 of them here" in text
        assert numbers(text).shape == (5,)
        np.testing.assert_allclose(numbers(text), numbers(alone), rtol=1e-11)
    page = (GUIDES / "many-machines.md").read_text("utf-8")
    shown = re.search(r"```text\n(.+?)```", page, re.DOTALL)[1]
    assert re.sub(r"\d\.\d{12}", "", shown).strip() == re.sub(r"\d\.\d{12}", "", both[0]).strip()
    np.testing.assert_allclose(numbers(shown), numbers(both[0]), rtol=1e-9)


def test_what_is_not_finite_can_not_be_done_again_by_a_process_that_holds_a_part(jax):
    """With whole arrays each process does the step by the graph; with a part it says so, and the state is as before."""
    for text in printed(2, "-c", NOT_FINITE):
        first, refused, after = text.splitlines()
        assert first == "4.0 inf 8.0"
        assert refused == (
            "step 0 is not finite, and the graph itself can't do it: 'x' is (4,), and this process holds only a part "
            "of its array."
        )
        assert after == "32.0"
