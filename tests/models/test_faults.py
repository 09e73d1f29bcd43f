"""What happens when a machine fails or a file is hostile: nothing lost, nothing hung, no traceback."""

import contextlib
import os
import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minigraph.models import DeepNet, LogisticRegression, ModelFileError, load

import minigraph as mg
from minigraph.command_line.main import main

X = np.array([[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 2.0, 2.0]])
Y = np.array([[0, 0, 1, 1]])


def python(script, **options):
    """Run a script of its own; its output."""
    return subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, **options)


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


@pytest.fixture
def saved(tmp_path):
    net = DeepNet([2, 3, 1]).fit(X, Y, epochs=2, feature_names=("a", "b"))
    return net, net.save(tmp_path / "model.npz")


# Saving


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX")
def test_killed_while_saving_the_file_is_the_old_one_or_the_new_one(tmp_path):
    """A process that saves another net is killed at 120 calls of functions, from the first to after the last."""
    script = """
        import os, signal, sys
        import numpy as np
        from minigraph.models import DeepNet, load

        path = sys.argv[1]
        X, Y = np.random.default_rng(0).normal(size=(20, 8)), np.arange(8).reshape(1, -1) % 2
        nets = [DeepNet([20, 30, 1], seed=seed).fit(X, Y, epochs=1) for seed in (1, 2)]
        good = [[node.value.tobytes() for node in net.parameters] for net in nets]
        calls = 0

        def save(net, last):
            def count(*_):
                global calls
                calls += 1
                if calls == last:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.setprofile(count)
            net.save(path)
            sys.setprofile(None)

        save(nets[0], None)
        there, found = 0, [0, 0]
        for last in np.linspace(1, 1.1 * calls, 120, dtype=int).tolist():
            child = os.fork()
            if child == 0:
                calls = 0
                save(nets[1 - there], last)
                os._exit(0)
            os.waitpid(child, 0)
            before, there = there, good.index([node.value.tobytes() for node in load(path).parameters])
            found[there != before] += 1
        print(calls, *found)
    """
    run = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script), str(tmp_path / "model.npz")],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert run.returncode == 0, run.stderr
    calls, old, new = map(int, run.stdout.split())
    assert calls > 120 and old + new == 120 and old and new


# Without coverage measurement, which would write a file of its own.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
FULL_DISK = """
    import resource, sys
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file-size limits are POSIX")
def test_on_a_full_disk_the_old_model_stays_and_nothing_is_left_over(saved, tmp_path):
    _, path = saved
    before = path.read_bytes()
    script = textwrap.dedent(FULL_DISK) + textwrap.dedent("""
        from minigraph.models import load
        net = load(sys.argv[1])
        try:
            net.save(sys.argv[1])
        except OSError as error:
            print("refused", error.strerror)
    """)
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, env=PLAIN)
    assert run.stdout == "refused File too large\n", run.stderr
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.skipif(sys.platform == "win32", reason="file-size limits are POSIX")
@pytest.mark.parametrize("words", [("train", "breast-cancer", "--epochs", "1", "--out", "run")])
def test_on_a_full_disk_commands_say_so_in_one_line(words, tmp_path):
    script = (
        textwrap.dedent(FULL_DISK)
        + f"""
from minigraph.command_line.main import main
sys.exit(main({words!r}))
"""
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=PLAIN)
    assert run.returncode == 1
    assert run.stderr.startswith("minigraph: ") and run.stderr.count("\n") == 1 and "too large" in run.stderr
    assert not list(tmp_path.iterdir())


def test_what_goes_wrong_while_writing_leaves_the_old_file_and_nothing_else(saved, tmp_path, monkeypatch):
    net, path = saved
    before = path.read_bytes()
    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
            patch.setattr(os, name, Raising(OSError("no space")))
            net.save(path)
        assert path.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["model.npz"]


class Raising:
    def __init__(self, error):
        self.error = error

    def __call__(self, *_, **__):
        raise self.error


def test_a_link_stays_a_link_and_a_device_is_not_replaced(saved, tmp_path):
    net, path = saved
    link = tmp_path / "link.npz"
    link.symlink_to(path)
    path.unlink()
    net.save(link)
    assert link.is_symlink() and bits(load(path)) == bits(net)
    with pytest.raises(OSError, match="is not a regular file: nothing is written there"):
        net.save(os.devnull)


@contextlib.contextmanager
def without_privileges(path):
    """Nobody may read or write below the path; where the tests run as root, as somebody else."""
    mode = path.stat().st_mode
    path.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
            path.chmod(mode)
    else:
        try:
            yield
        finally:
            path.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are POSIX")
def test_paths_that_may_not_be_read_or_written_are_one_line(saved, tmp_path, capsys):
    _, path = saved
    (tmp_path / "inside").mkdir()
    with without_privileges(tmp_path):
        for words in (
            ("predict", str(path), "breast-cancer"),
            ("evaluate", str(path), "breast-cancer"),
            ("train", str(tmp_path / "x.csv"), "--target", "y", "--out", "run"),
            ("train", "flower", "--epochs", "1", "--out", str(tmp_path / "inside" / "run")),
        ):
            assert main(list(words)) == 1
            message = capsys.readouterr().err
            assert message.startswith("minigraph: ") and message.count("\n") == 1, message


@pytest.mark.parametrize("out", ["file/run", "missing/predictions.csv", "x" * 5000, "nul\0"])
def test_outs_that_can_not_be_made(out, saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("precious")
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    assert main(["predict", "model.npz", "new.csv", "--out", out]) == 1
    if "missing" not in out:
        assert main(["train", "flower", "--epochs", "1", "--out", out]) == 1
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith("minigraph: ")
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "model.npz", "new.csv"]


# Loading


def test_every_truncation_is_refused(saved, tmp_path):
    _, path = saved
    raw = path.read_bytes()
    cut = tmp_path / "cut.npz"
    cut.write_bytes(raw)
    for length in reversed(range(len(raw))):
        os.truncate(cut, length)
        with pytest.raises(ModelFileError):
            load(cut)


def test_a_thousand_bit_flips_are_refused_or_harmless(saved, tmp_path):
    net, path = saved
    raw, chance = path.read_bytes(), random.Random(0)
    flipped = tmp_path / "flipped.npz"
    refused = 0
    for _ in range(1000):
        changed = bytearray(raw)
        changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        flipped.write_bytes(changed)
        try:
            again = load(flipped)
        except ModelFileError:
            refused += 1
        else:  # a bit of no meaning, such as a date in the archive
            assert bits(again) == bits(net) and again.settings() == net.settings()
            assert again.predict(X).tolist() == net.predict(X).tolist() and again.history == net.history
    assert refused > 800


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 3000), st.integers(0, 300))
def test_overwritten_stretches_are_refused_or_harmless(saved, tmp_path, garbage, start, length):
    net, path = saved
    raw = path.read_bytes()
    (tmp_path / "bad.npz").write_bytes(raw[:start] + garbage + raw[start + length :])
    try:
        assert bits(load(tmp_path / "bad.npz")) == bits(net)
    except ModelFileError as error:
        assert "bad.npz: " in str(error)


# Hostile tables

cell = st.one_of(
    st.floats(width=64).map(repr),
    st.integers(-(10**30), 10**30).map(str),
    st.sampled_from(
        ["", "NA", "1e308", "-1e308", "5e-324", "1e999", "=cmd()", "'", '"', "\ufeff", "١٢", "0x10", "1_0", "٫"]
    ),
    st.text(max_size=12),
)
tables = st.builds(
    lambda rows, delimiter, end, mark: mark + end.join(delimiter.join(row) for row in rows).encode("utf-8", "surrogatepass"),
    st.lists(st.lists(cell, min_size=1, max_size=5), max_size=8),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00"]),
)
# Tables that are mostly sound, so that some reach the training.
sound = st.builds(
    lambda rows: b"a,b,y\n" + "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass"),
    st.lists(
        st.tuples(st.floats(allow_nan=False).map(repr), st.floats(-9, 9).map(repr), st.sampled_from(["p", "q", "1", "2"])),
        min_size=2,
        max_size=9,
    ),
)
hostile = st.one_of(st.binary(max_size=200), tables, sound)


class NoPicture:
    svg = "<svg></svg>"

    def __init__(self, *_, **__):
        pass

    def save(self, path):
        return path


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile, st.sampled_from(["1", "3", "y"]), st.sampled_from(["refuse", "mean"]))
def test_hostile_tables_end_with_a_status_and_one_line(saved, tmp_path, monkeypatch, capsys, raw, target, missing):
    monkeypatch.setattr(mg, "draw", NoPicture, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, title: path, raising=False)
    table, out = tmp_path / "hostile.csv", tmp_path / "out"
    table.write_bytes(raw)
    common = (str(table), "--missing", missing)
    status = main(["train", *common, "--target", target, "--epochs", "2", "--out", str(out), "--force"])
    assert status in (0, 1)
    says = capsys.readouterr()
    errors = [line for line in says.err.splitlines() if not line.startswith(("minigraph: warning: ", "note: "))]
    assert (status == 0) == bool(says.out) and len(errors) == (status == 1)
    for words in (("predict", str(saved[1]), *common), ("evaluate", str(saved[1]), *common, "--target", target)):
        assert main(list(words)) in (0, 1)
        errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("note: ")]
        assert len(errors) <= 1


# Interrupts


@pytest.mark.parametrize("moment", range(1, 40, 3))
def test_interrupted_at_any_step_the_net_is_as_after_the_last_whole_epoch(moment, monkeypatch):
    """Ctrl-C between any two reads and writes of values, then resumed: the same bits as without it."""
    from minigraph.models import TrainingInterrupted

    def net():
        return DeepNet([2, 3, 1], seed=4)

    whole = net().fit(X, Y, epochs=4, batch_size=3)
    stopped = net().fit(X, Y, epochs=1, batch_size=3)
    calls, setter = [], mg.Node.value

    class Interrupting:
        def __get__(self, node, owner):
            return self if node is None else tick(setter.__get__(node, owner))

        def __set__(self, node, value):
            setter.__set__(node, tick(value))

    def tick(value):
        calls.append(1)
        if len(calls) == moment:
            raise KeyboardInterrupt
        return value

    monkeypatch.setattr(mg.Node, "value", Interrupting())
    with pytest.raises((TrainingInterrupted, KeyboardInterrupt)):
        stopped.fit(X, Y, epochs=3, batch_size=3, resume=True)
    monkeypatch.undo()
    done = len(stopped.history)
    assert done == stopped.state.epochs
    stopped.fit(X, Y, epochs=4 - done, batch_size=3, resume=True)
    assert bits(stopped) == bits(whole)
    assert stopped.history.cost == whole.history.cost


def test_data_that_do_not_fit_leave_a_fitted_net_usable():
    net = LogisticRegression().fit(X, Y, epochs=2)
    probability = net.predict_probability(X)
    for bad in ((X[:1], Y), (X, Y[:, :2]), (X, 2 * Y), (X * np.nan, Y)):
        with pytest.raises(ValueError):
            net.fit(*bad)
        with pytest.raises(ValueError):
            net.fit(X, Y, validation=bad)
    assert net.predict_probability(X).tolist() == probability.tolist()
