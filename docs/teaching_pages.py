"""The pages of docs/teaching, and the folders that they link: made of the classes of minigraph.models.course.

A page has its title in docs/teaching; `add_class` puts below it what the class has, so that it stands in one place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from minigraph.models.course import CLASSES, taught
from minigraph.models.course.index_pages import BANK, GRADER, NOTEBOOK, PLAN, QUIZ, SLIDES, SOLUTIONS, SOLVED, WORKSHEETS
from minigraph.models.course.markup import LINK, given, source_of
from minigraph.models.course.pack import pack, write_pack

STUDENTS = 4
"""Worksheets in the folders of the docs."""
MARK = "% The rest of this page is made of the class: see docs/teaching_pages.py."


def write_folders(target: Path) -> None:
    """Write the folder of each class into ``target/teaching``."""
    for name in CLASSES:
        command = f"minigraph class {name} --out {name} --students {STUDENTS}"
        write_pack(target / "teaching" / name, pack(taught(name), students=STUDENTS, command=command))


def add_class(app: Any, docname: str, source: list[str]) -> None:
    """Put what a class has in the place of the mark on its page."""
    folder, _, name = docname.rpartition("/")
    if folder == "teaching" and name in CLASSES:
        before, mark, after = source[0].partition(MARK)
        assert mark and taught(name).heading in before
        source[0] = before + body(name) + after


def body(name: str) -> str:
    """The page below its title, in Markdown."""
    found = taught(name)
    parts = [
        found.aim,
        table(("minutes", "what happens", "with"), ((row.span, row.what, row.shown) for row in found.plan), name),
        folder_section(name),
        "## Pictures\n\nThe graphs, as code, for numbers and names of your own:",
        cell("\n\n\n".join([found.imports, *(source_of(function).rstrip() for function in found.code)])),
    ]
    for slide in found.slides:
        if slide.picture is not None and slide.picture not in found.exercise.solution:
            parts.append(cell(given(slide.picture)))
        if slide.plot is not None:
            parts.append(cell(f"{slide.plot.__name__}();", slide.alt))
    parts += [cell(given(picture)) for picture in found.pictures]
    parts += ["## Exercise", *(linked(text, name) for text in found.exercise.text), "The solution, for the board:"]
    for part in found.exercise.solution:
        if isinstance(part, str):
            parts.append(linked(part, name))
        elif part in found.code:
            parts.append(f"```python\n{source_of(part).rstrip()}\n```")
        else:
            code = given(part)
            parts.append(cell(code if code.startswith("mg.draw") else f"print({code})"))
    parts += ["## What students get wrong", table(("They write or say", "What to show"), found.mistakes.items(), name)]
    return "\n\n".join(parts) + "\n"


def folder_section(name: str) -> str:
    """What is in the folder of a class, and how to make it."""
    found = taught(name)
    pages = " · ".join(to(name, page.file, page.title) for page in found.projected)
    lines = (
        f"- To project: {to(name, SLIDES, 'slides')} (PDF, 16:9) · {pages}",
        f"- For students: {to(name, QUIZ, 'quiz for phones')} · {to(name, WORKSHEETS, 'worksheets')} · "
        f"{to(name, NOTEBOOK, 'assignment')}",
        f"- For you: {to(name, PLAN, 'time plan and solutions on one page')} · "
        f"{to(name, SOLUTIONS, 'solutions of the worksheets')} · {to(name, GRADER, 'grader')} · "
        f"{to(name, SOLVED, 'a solution of the assignment')} · {to(name, BANK, 'questions for Moodle')}",
    )
    made = f"```bash\nminigraph class {name} --out {name} --seed 7 --groups 4 --students 30\n```"
    return (
        f"## The folder\n\nAll of it is made by one command, with other numbers for another seed; here is what it makes:\n\n"
        f"{made}\n\n" + "\n".join(lines) + f"\n\nAsk before you move a number: {found.ask}"
    )


def table(head: tuple[str, ...], rows: Any, name: str) -> str:
    """A table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(linked(text, name) for text in line) + " |" for line in lines)


def linked(text: str, name: str) -> str:
    """A text with the addresses of the docs in its links."""

    def address(found: Any) -> str:
        label, kind, target = found.groups()
        if kind == "pack":
            return to(name, target, label)
        page, _, place = target.partition("#")
        return f"[{label}](../{kind}s/{page}.md{'#' * bool(place)}{place})".replace("questionss", "questions")

    return LINK.sub(address, text)


def to(name: str, file: str, label: str) -> str:
    """A link to a file of a class's folder, which lies beside the page."""
    return f'<a href="{name}/{file}">{label}</a>'


def cell(code: str, alt: str = "") -> str:
    """A cell that is executed; a plot has a text."""
    head = f'---\nmystnb:\n  image:\n    alt: "{alt}"\n---\n' if alt else ""
    return f"```{{code-cell}} ipython3\n{head}{code}\n```"
