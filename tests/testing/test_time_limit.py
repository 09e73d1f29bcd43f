"""A function that never ends is stopped, whatever it catches."""

import contextlib
import ctypes
import os
import threading
import time

import pytest

from minigraph.testing import time_limit
from minigraph.testing.time_limit import TimeIsUp, within

SOON = 0.05


def endless():
    while True:
        pass


def waits_for_long():
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)


def test_what_it_gives_and_what_it_raises():
    assert within(60, lambda: threading.current_thread() is not threading.main_thread())
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0)
    with pytest.raises(SystemExit):
        within(60, lambda: exit(3))


def test_an_endless_loop_is_stopped_and_its_place_is_known():
    before = threading.active_count()
    with pytest.raises(TimeIsUp) as caught:
        within(SOON, endless)
    assert caught.value.frame.f_code.co_name == "endless"
    assert threading.active_count() == before


def test_a_loop_that_catches_everything_is_stopped_or_left_behind(monkeypatch):
    monkeypatch.setattr(time_limit, "PATIENCE", 0.001)
    with pytest.raises(TimeIsUp):
        within(SOON, waits_for_long)


def test_what_waits_for_something_outside_is_left_as_it_is():
    """A pipe: Python 3.11 would stand still while an exception is on its way there, if functions are traced."""
    reader, writer = os.pipe()
    read = []
    with pytest.raises(TimeIsUp):
        within(SOON, lambda: read.append(os.read(reader, 1)), stops=False)
    os.write(writer, b"x")
    for _ in range(1000):
        if read:
            break
        time.sleep(0.01)
    os.close(reader)
    os.close(writer)
    assert read == [b"x"]


def test_nothing_is_raised_in_a_thread_that_is_over():
    over = threading.Event()
    over.set()
    time_limit._stop(threading.current_thread(), over, threading.Lock(), 1)


def test_without_threads_there_is_no_limit(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert within(SOON, lambda: 42) == 42


def test_who_interrupts_stops_the_function_too(monkeypatch):
    started = []
    join = threading.Thread.join

    def interrupted(self, timeout=None):
        if not started:
            started.append(self)
            raise KeyboardInterrupt
        join(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        within(60, endless)
    join(started[0], 10)
    assert not started[0].is_alive()
    assert ctypes.pythonapi is not None
