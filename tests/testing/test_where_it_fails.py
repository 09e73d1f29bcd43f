"""Which sizes are tried, and what those that fail have in common."""

import pytest

from minigraph.testing.where_it_fails import common_words, factor_in_letters, in_letters, telling_sizes, tried_sizes

LEAST = {"n": 1, "m": 1, "h": 1}
TELLING = {"n": 3, "m": 4}, {"n": 6, "m": 5}


@pytest.mark.parametrize("least", [{}, {"m": 1}, LEAST, {"k": 2, "m": 5}, dict.fromkeys("abcdefg", 1)])
def test_sizes_that_tell(least):
    first, second = telling_sizes(least)
    assert list(first) == list(second) == list(least)
    for sizes in (first, second):
        assert len(set(sizes.values())) == len(sizes)
        assert all(size >= max(3, least[letter]) for letter, size in sizes.items())
    assert all(first[letter] != second[letter] for letter in least)


def test_all_small_sizes_are_tried_and_none_below_the_least():
    tried = list(tried_sizes({"k": 2, "m": 1}, 0))
    assert [sizes for sizes in tried if max(sizes["k"] - 1, sizes["m"]) <= 2][:4] == [
        {"k": 2, "m": 1}, {"k": 3, "m": 1}, {"k": 2, "m": 2}, {"k": 3, "m": 2}
    ]  # fmt: skip
    assert all(sizes["k"] >= 2 and sizes["m"] >= 1 for sizes in tried)
    many = list(tried_sizes(dict.fromkeys("abcdefg", 1), 0))
    assert len(many) == 2 + 1 + 7 + 21 + 7 + 6
    assert many == list(tried_sizes(dict.fromkeys("abcdefg", 1), 0)) != list(tried_sizes(dict.fromkeys("abcdefg", 1), 1))


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (lambda n, m, h: True, "in every net"),
        (lambda n, m, h: m >= 2, "from m = 2 on"),
        (lambda n, m, h: m >= 3, "from m = 3 on"),
        (lambda n, m, h: h == 1, "where h = 1"),
        (lambda n, m, h: n != h, "where n and h differ"),
        (lambda n, m, h: n == h, "where n = h"),
        (lambda n, m, h: n > 1 or h > 1, "from n = 2 or h = 2 on"),
        (lambda n, m, h: n > 1 and m > 1, "from n = 2 and m = 2 on"),
        (lambda n, m, h: n + m == 3, "in 4 of "),
    ],
)
def test_words_for_where_it_fails(fails, words):
    tried = list(tried_sizes(LEAST, 0))
    failed = [sizes for sizes in tried if fails(**sizes)]
    assert common_words(LEAST, failed, [sizes for sizes in tried if not fails(**sizes)]).startswith(words)


@pytest.mark.parametrize(
    ("first", "second", "written"),
    [
        ("it is 4 times (3, 1).", "it is 5 times (6, 1).", "it is m times (n, 1)."),
        ("W3 is 0.4, or 3.4", "W3 is 0.4, or 3.4", "W3 is 0.4, or 3.4"),
        ("1/4 of it, and 4", "1/5 of it, and 5", "1/m of it, and m"),
        ("the 3", "the 3", "the 3"),
        ("only 1 of 12", "only 1 of 30", None),
        ("one", "another", None),
        ("at 4", "in 5", None),
        ("the 3", "the 3 of 4", None),
    ],
)
def test_letters_for_sizes(first, second, written):
    assert in_letters(first, second, TELLING) == written


def test_a_count_is_not_named_twice():
    assert (
        in_letters("4 is the number m of examples", "5 is the number m of examples", TELLING)
        == "m is the number of examples"
    )


@pytest.mark.parametrize(
    ("first", "second", "written"),
    [
        (4, 5, "m"), (1 / 3, 1 / 6, "1/n"), (12, 30, "n · m"), (-4, -5, "−m"), (16, 25, "m · m"), (3 / 4, 6 / 5, "n · 1/m"),
        (3.5, 3.5, "3.5"), (4, 7, None),
    ],
)  # fmt: skip
def test_letters_for_factors(first, second, written):
    assert factor_in_letters(first, second, TELLING) == written
