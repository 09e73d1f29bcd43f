"""The pages that link a class's folder: one for students, and one that the lecturer keeps."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from minigraph.drawing import Diagram
from minigraph.pages.handout_page import figure, handout_page, links, section, table

from .markup import LINK, as_html, source_of
from .taught_class import TaughtClass

LECTURER = "lecturer/"
"""The folder of what students are not to have."""
SLIDES, BANK = "slides.pdf", f"{LECTURER}questions.xml"
WORKSHEETS, SOLUTIONS = "worksheet.html", f"{LECTURER}solutions.html"
NOTEBOOK, GRADER, SOLVED = "assignment.ipynb", f"{LECTURER}test_assignment.py", f"{LECTURER}solution.py"
QUIZ = "quiz.html"
"""As texts call it; with several groups there is one for each, and they mean the first."""
IN_THE_DOCS = "Pages in docs/ are those of minigraph's documentation: in the repository, as text, or built with it."
INDEX, PLAN = "index.html", f"{LECTURER}index.html"


def index_page(taught: TaughtClass, quizzes: Sequence[str]) -> str:
    """What students get, and where the lecturer goes on."""
    told = "Derivatives step by step, on a phone too. It answers each slip, and counts nothing."
    parts = [
        f"<p>{html.escape(taught.aim)}</p>",
        section("In class", [links([(SLIDES, "Slides", "PDF, 16:9."), *_projected(taught)])]),
        section("To do", [links([
            *((file, name, told) for file, name in _named(quizzes)),
            (WORKSHEETS, "Worksheets", "To print: a sheet for each student, with numbers of their own."),
            (NOTEBOOK, "Assignment", "A notebook that checks itself. Download it; it needs Python and minigraph."),
        ])]),
        f'<p class="who">For the lecturer: <a href="{PLAN}">time plan, solutions, grader</a>. Keep the folder '
        f"<code>{LECTURER}</code> back when you give the others to students; this line leads nowhere then.</p>",
    ]  # fmt: skip
    return handout_page(taught.heading, parts)


def plan_page(taught: TaughtClass, quizzes: Sequence[str], command: str) -> str:
    """The time plan, what is where, the exercise with its solution, and what students get wrong."""
    plan = [[row.span, _text(row.what, quizzes[0]), _text(row.shown, quizzes[0])] for row in taught.plan]
    mistakes = [[html.escape(wrong), _text(shown)] for wrong, shown in taught.mistakes.items()]
    mine = [(file.removeprefix(LECTURER), name, told) for file, name, told in (
        (SOLUTIONS, "Solutions of the worksheets", "With the same numbers, sheet by sheet."),
        (BANK, "Questions for Moodle", "Moodle XML. In the course: Question bank, Import, Moodle XML format. What is said "
         "to a usual slip comes as its feedback."),
        (GRADER, "Grader of the assignment", "For pytest, or a program of its own: "
         "<code>python test_assignment.py anna.ipynb --json anna.json</code>. It runs what was handed in."),
        (SOLVED, "A solution of the assignment", "The grader takes it as well."),
    )]  # fmt: skip
    shown = [(f"../{file}", name, told) for file, name, told in [(SLIDES, "Slides", "PDF, 16:9."), *_projected(taught)]]
    to_do = [(f"../{file}", name, "For phones; it answers each slip.") for file, name in _named(quizzes)]
    to_do += [
        (f"../{WORKSHEETS}", "Worksheets", "Print them before the class."),
        (f"../{NOTEBOOK}", "Assignment", "For home."),
    ]
    parts = [
        f"<p>{html.escape(taught.aim)}</p>",
        section("Time plan", [table(("minutes", "what happens", "with"), plan), f'<p class="who">{IN_THE_DOCS}</p>']),
        section("To project", [links(shown), f"<p>Ask before you move anything: {_text(taught.ask)}</p>"]),
        section("For students", [links(to_do)]),
        section("For you alone", [links(mine)]),
        section("Exercise", _exercise(taught)),
        section("What students get wrong", [table(("they write or say", "what to show"), mistakes, "texts")]),
        section("Again, with other numbers", [f"<pre>{html.escape(command)}</pre>"]),
    ]
    return handout_page(f"{taught.heading}: for the lecturer", parts)


def _named(quizzes: Sequence[str]) -> list[tuple[str, str]]:
    if len(quizzes) == 1:
        return [(quizzes[0], "Quiz")]
    return [(file, f"Quiz, group {number}") for number, file in enumerate(quizzes, 1)]


def _projected(taught: TaughtClass) -> list[tuple[str, str, str]]:
    return [(page.file, page.title, html.escape(page.use)) for page in taught.projected]


def _exercise(taught: TaughtClass) -> list[str]:
    parts = [f"<p>{_text(paragraph)}</p>" for paragraph in taught.exercise.text]
    parts.append("<h3>Solution</h3>")
    for part in taught.exercise.solution:
        if isinstance(part, str):
            parts.append(f"<p>{_text(part)}</p>")
        elif part in taught.code:
            parts.append(f"<pre>{html.escape(source_of(part).rstrip())}</pre>")
        else:
            result = part()
            parts.append(figure(result.svg) if isinstance(result, Diagram) else f"<pre>{html.escape(str(result))}</pre>")
    return parts


def _text(text: str, quiz: str = QUIZ) -> str:
    """A paragraph. The folder is read without a network: of the documentation it says which page, and does not link it."""

    def address(kind: str, target: str) -> str | None:
        return f"../{quiz if target == QUIZ else target}" if kind == "pack" else None

    return as_html(LINK.sub(_page_named, text), address)


def _page_named(link: re.Match[str]) -> str:
    label, kind, target = link.groups()
    folder = "questions" if kind == "questions" else "lessons"
    return link[0] if kind == "pack" else f"{label} (`docs/{folder}/{target.partition('#')[0]}.md`)"
