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
    (right, why), *wrong = answers["known"]
    room = answers["tolerance"]
    known = [BankAnswer(repr(right), why, is_right=True, room=room * max(1.0, abs(right)))]
    known += [BankAnswer(repr(value), hint, room=room * max(1.0, abs(value))) for value, hint in wrong]
    if right:
        known.append(BankAnswer(repr(-right), answers["sign"], room=room * max(1.0, abs(right))))
    known.append(BankAnswer(ANY_OTHER, answers["notYet"]))
    return BankQuestion("numerical", name, (DIGITS, asked), tuple(known), why)


def write_bank(lessons: Path) -> int:
    """Write the questions of all built lessons beside them; gives how many there are."""
    found = [question for page in sorted(lessons.glob("*.html")) for question in questions_of(page.read_text("utf-8"))]
    if found:
        content = moodle_xml("minigraph: lessons", found).encode("utf-8")
        replace_file(lessons / FILE, lambda file: file.write(content))
    return len(found)
