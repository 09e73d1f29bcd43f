"""`moodle_xml`: questions as a file that Moodle imports into its question bank.

The elements are those that https://docs.moodle.org/en/Moodle_XML_format asks for. Moodle takes the first answer that fits,
so the right one comes first and "any other answer" last.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as xml

LONGEST_NAME = 250
"""Moodle keeps 255 letters of a question's name."""
SEVERAL_TRIES = 0.3333333
"""What a wrong try costs where a quiz allows several: Moodle's own share."""
ANY_OTHER = "*"
"""In the place of an answer: whatever is typed."""


@dataclass(frozen=True)
class BankAnswer:
    """One answer to a question of a bank.

    Attributes:
        text: as it is typed or chosen; `ANY_OTHER` stands for all that no answer before it is.
        feedback: plain text, what is said to whoever gives it.
        is_right: all of the points, or none.
        room: how far a typed number may be from it.
    """

    text: str
    feedback: str
    is_right: bool = False
    room: float = 0.0


@dataclass(frozen=True)
class BankQuestion:
    """One question of a bank.

    Attributes:
        form: "numerical", "shortanswer" or "multichoice", as Moodle calls them.
        name: for the lecturer's list.
        lines: what is asked, in plain text, a paragraph each; the last one is shown bold.
        answers: the first that fits counts.
        solution: plain text, told to everybody afterwards.
        picture: SVG that stands above the lines, or "".
        described: the picture in words.
    """

    form: str
    name: str
    lines: tuple[str, ...]
    answers: tuple[BankAnswer, ...]
    solution: str
    picture: str = ""
    described: str = ""


def moodle_xml(banks: Mapping[str, Iterable[BankQuestion]]) -> str:
    """The file: the questions go into categories of these names, which Moodle makes if they are new.

    Example:
        >>> answers = BankAnswer("6", "", is_right=True), BankAnswer("3", "that is b"), BankAnswer("*", "u = b·c")
        >>> text = moodle_xml({"Week 1": [BankQuestion("numerical", "one", ("∂u/∂b =",), answers, "∂u/∂b = c")]})
        >>> text.splitlines()[0]
        "<?xml version='1.0' encoding='UTF-8'?>"
        >>> '<answer fraction="100" format="moodle_auto_format">' in text
        True
    """
    quiz = xml.Element("quiz")
    for category, questions in banks.items():
        kind = xml.SubElement(quiz, "question", type="category")
        path = f"$course$/{category.replace('/', '//')}"  # Moodle's mark between a category and those inside of it
        xml.SubElement(xml.SubElement(kind, "category"), "text").text = path
        for question in questions:
            _add(quiz, question)
    xml.indent(quiz, " ")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{xml.tostring(quiz, encoding='unicode')}\n"


def _add(quiz: xml.Element, question: BankQuestion) -> None:
    asked = xml.SubElement(quiz, "question", type=question.form)
    xml.SubElement(xml.SubElement(asked, "name"), "text").text = question.name[:LONGEST_NAME]
    text = _html(asked, "questiontext", _paragraphs(question))
    if question.picture:
        file = xml.SubElement(text, "file", name="graph.svg", path="/", encoding="base64")
        file.text = base64.b64encode(question.picture.encode("utf-8")).decode("ascii")
    _html(asked, "generalfeedback", _lines(question.solution))
    for name, value in (("defaultgrade", "1"), ("penalty", str(SEVERAL_TRIES)), ("hidden", "0"), *_FORMS[question.form]):
        xml.SubElement(asked, name).text = value
    # What is chosen is shown as HTML; what is typed is compared letter by letter.
    form = "html" if question.form == "multichoice" else "moodle_auto_format"
    for answer in question.answers:
        given = xml.SubElement(asked, "answer", fraction="100" if answer.is_right else "0", format=form)
        xml.SubElement(given, "text").text = _escaped(answer.text) if form == "html" else answer.text
        _html(given, "feedback", _lines(answer.feedback))
        if question.form == "numerical":
            xml.SubElement(given, "tolerance").text = f"{answer.room:.6g}"


_FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "numerical": (),
    "shortanswer": (("usecase", "0"),),
    "multichoice": (("single", "true"), ("shuffleanswers", "true"), ("answernumbering", "abc")),
}
"""What a form of question says beside its answers."""


def _html(parent: xml.Element, name: str, text: str) -> xml.Element:
    element = xml.SubElement(parent, name, format="html")
    xml.SubElement(element, "text").text = text
    return element


def _paragraphs(question: BankQuestion) -> str:
    *given, asked = question.lines
    picture = f'<p><img src="@@PLUGINFILE@@/graph.svg" alt="{_escaped(question.described)}"></p>' if question.picture else ""
    return picture + "".join(f"<p>{_escaped(line)}</p>" for line in given) + f"<p><b>{_escaped(asked)}</b></p>"


def _lines(text: str) -> str:
    return _escaped(text).replace("\n", "<br>")


def _escaped(text: str) -> str:
    for letter, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(letter, written)
    return text
