"""Words of the command line as values, and what is said of those that are none."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from minigraph.command_line.argument_types import place, positive, share, whole, whole_numbers


@pytest.mark.parametrize(
    "read, text, value",
    [
        (whole(1), " +3", 3),
        (whole(-2), "-2", -2),
        (whole_numbers, "16,8", (16, 8)),
        (positive, "1e-3", 0.001),
        (share, "0.25", 0.25),
        (place, "a/./b", Path("a/b")),
    ],
)
def test_values(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    "read, text, message",
    [
        (whole(1), "0", "'0' is not a whole number from 1"),
        (whole(1), "1.0", "'1.0' is not a whole number from 1"),
        (whole_numbers, "16,", "'' is not a whole number from 1"),
        (positive, "0", "'0' is not a number above 0"),
        (positive, "inf", "'inf' is not a number above 0"),
        (positive, "fast", "'fast' is not a number above 0"),
        (share, "1", "'1' is not a share between 0 and 1, such as 0.3"),
        (place, "", "it is empty: give the name of a file or folder"),
    ],
)
def test_what_is_none_is_refused(read, text, message):
    with pytest.raises(ArgumentTypeError) as refused:
        read(text)
    assert str(refused.value) == message
