"""The questions of the lessons as a file that Moodle imports: what is said to a wrong answer becomes its feedback.

They are read from the pages as they were built, where `Ask` of docs/lessons/exercise.py has put them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from minigraph.files import replace_file
from minigraph.pages.moodle import ANY_OTHER, BankAnswer, BankQuestion, moodle_xml

FILE = "questions.xml"
DIGITS = "Write a decimal number; three digits are enough."
ARRAY = "Write the numbers with commas between them, and a semicolon between rows: 1, 2; 3, 4."


class Questions(HTMLParser):
    """Title and questions of a page, each with its answers."""

    def __init__(self, page: str):
        super().__init__()
        self.title, self.found = "", []
        self._text: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A heading or a label begins, or a button holds the answers."""
        given = dict(attrs)
        if tag in ("h1", "label"):
            self._text = []
        if "data-answers" in given and self._asked:
            self.found.append((self._asked, json.loads(given["data-answers"] or "{}")))

    def handle_endtag(self, tag: str) -> None:
        """A heading or a label ends."""
        if tag in ("h1", "label") and self._text is not None:
            text = " ".join("".join(self._text).split()).removeprefix("? ").removesuffix("¶").strip()
            if tag == "h1":
                self.title = text
            self._asked, self._text = text, None

    def handle_data(self, data: str) -> None:
        """Text, kept in a heading or a label."""
        if self._text is not None:
            self._text.append(data)


def questions_of(page: str) -> Iterator[BankQuestion]:
    """The questions of a built page."""
    read = Questions(page)
    for number, (asked, answers) in enumerate(read.found, 1):
        yield _question(f"{read.title} · {number}", asked, answers)


def _question(name: str, asked: str, answers: dict[str, Any]) -> BankQuestion:
    """Numbers are typed within the tolerance; arrays, letter by letter, in the ways in which people write them."""
    known, says = answers["known"], answers["says"]
    (right, why), *_ = known
    mirrored = [-entry for entry in right]
    if not any(_agree(mirrored, entries, answers["tolerance"]) for entries, _ in known):  # 0 is its own, and some have words
        known = [*known, [mirrored, says["sign"]]]
    shape = answers["shape"]
    if not shape:  # a question of Moodle's that takes one number can't be answered by several
        known = [(entries, told) for entries, told in known if len(entries) == 1]
    given: list[BankAnswer] = []
    for place, (entries, told) in enumerate(known):
        right_one = place == 0
        given += _written(entries, shape, told, right_one) if shape else [_number(entries[0], told, right_one, answers)]
    given.append(BankAnswer(ANY_OTHER, says["notYet"]))
    return BankQuestion(
        "shortanswer" if shape else "numerical", name, (ARRAY if shape else DIGITS, asked), tuple(given), why
    )


def _agree(given: list[float], entries: list[float], tolerance: float) -> bool:
    """Whether an answer is taken for another one, which comes before it."""
    pairs = zip(given, entries, strict=False)
    return len(given) == len(entries) and all(x == y or abs(x - y) <= tolerance * (abs(y) or 1.0) for x, y in pairs)


def _number(value: float, told: str, is_right: bool, answers: dict[str, Any]) -> BankAnswer:
    return BankAnswer(repr(value), told, is_right, answers["tolerance"] * (abs(value) or 1.0))


def _written(entries: list[float], shape: list[int], told: str, is_right: bool) -> Iterator[BankAnswer]:
    numbers = [f"{entry:.4g}" for entry in entries]
    width = shape[-1] if len(shape) > 1 else len(numbers)
    rows = [numbers[place : place + width] for place in range(0, len(numbers), width)]
    nested = ", ".join(f"[{', '.join(row)}]" for row in rows)
    plain = "; ".join(", ".join(row) for row in rows)
    for text in dict.fromkeys([plain, f"({plain})", f"[{plain}]", nested, f"[{nested}]", plain.replace(" ", "")]):
        yield BankAnswer(text, told, is_right)


def write_bank(lessons: Path) -> int:
    """Write the questions of all built lessons beside them; gives how many there are."""
    found = [question for page in sorted(lessons.glob("*.html")) for question in questions_of(page.read_text("utf-8"))]
    if found:
        content = moodle_xml({"minigraph: lessons": found}).encode("utf-8")
        replace_file(lessons / FILE, lambda file: file.write(content))
    return len(found)
