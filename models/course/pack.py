"""`write_pack`: a class as a folder, ready for a server or a learning platform."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import minigraph as mg
from minigraph.files import replace_file, try_place
from minigraph.pages import QuizPage
from minigraph.pages.moodle import moodle_xml

from .homework import grader, notebook, solution
from .index_pages import (
    BANK,
    GRADER,
    INDEX,
    LECTURER,
    NOTEBOOK,
    PLAN,
    QUIZ,
    SLIDES,
    SOLUTIONS,
    SOLVED,
    WORKSHEETS,
    plan_page,
)
from .index_pages import index_page as students_page
from .sheets import worksheets
from .slide_deck import slides_pdf
from .taught_class import TaughtClass

LIST = f"{LECTURER}files.json"
"""The files that were written, each with the hash of what is in it: others in the folder are somebody's own."""
STUDENTS = 20


class ForeignFilesError(OSError):
    """In the folder is what was not written by `write_pack`."""


def pack(
    taught: TaughtClass,
    *,
    seed: int = 0,
    groups: int = 1,
    students: int = STUDENTS,
    command: str = "",
    tell: Callable[[str], object] = lambda _: None,
) -> dict[str, bytes]:
    """The files of a class by their names, which have ``/`` between folder and file.

    Args:
        taught: the class, such as ``taught("chain-rule")``.
        seed: which numbers quizzes and worksheets have.
        groups: how many quizzes there are; with more than one, each has its own numbers.
        students: how many worksheets there are.
        command: how the folder is made again, which the lecturer's page says.
        tell: is told what is made next.

    Raises:
        ImportError: without Matplotlib; the message names the extra.
        RenderingError: without Graphviz; the message says how to get it.

    Example:
        >>> from minigraph.models.course import taught
        >>> from minigraph.models.course.pack import pack
        >>> sorted(pack(taught("chain-rule"), students=1))[:3]
        ['assignment.ipynb', 'index.html', 'lecturer/files.json']
    """
    tell("slides")
    files: dict[str, bytes] = {SLIDES: slides_pdf(taught)}
    texts: dict[str, str] = {}
    tell("pages to project")
    for page in taught.projected:
        texts[page.file] = page.make().text
    tell("quizzes")
    quizzes = _quizzes(taught, seed, groups)
    texts |= {file: quiz.text for file, quiz in quizzes.items()}
    texts[BANK] = _bank(taught, [*quizzes.values()])
    tell("worksheets")
    texts[WORKSHEETS], texts[SOLUTIONS] = worksheets(taught, students, seed)
    texts |= {NOTEBOOK: notebook(taught), GRADER: grader(taught), SOLVED: solution(taught)}
    texts |= {INDEX: students_page(taught, [*quizzes]), PLAN: plan_page(taught, [*quizzes], command)}
    files |= {name: text.encode("utf-8") for name, text in texts.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files[LIST] = (json.dumps({"class": taught.name, "files": hashes}, indent=1) + "\n").encode()
    return files


def _quizzes(taught: TaughtClass, seed: int, groups: int) -> dict[str, QuizPage]:
    made = {}
    for group in range(1, groups + 1):
        title = f"Quiz · {taught.heading}" + (f" · group {group}" if groups > 1 else "")
        number = seed if groups == 1 else 1000 * seed + group
        quiz = mg.quiz(taught.quiz(), seed=number, title=title)
        assert isinstance(quiz, QuizPage)
        made[f"quiz-{group}.html" if groups > 1 else QUIZ] = quiz
    return made


def _bank(taught: TaughtClass, quizzes: Sequence[QuizPage]) -> str:
    """The questions of each group, in a category of its own."""
    category = f"minigraph: {taught.heading}"
    named = [category] if len(quizzes) == 1 else [f"{category}, group {number}" for number in range(1, len(quizzes) + 1)]
    return moodle_xml({name: quiz.bank() for name, quiz in zip(named, quizzes, strict=True)})


def write_pack(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files; older ones of the same folder are replaced, each as a whole, and those that are no longer needed go.

    Raises:
        ForeignFilesError: if the folder has files that were not written so, or were changed since; nothing is written.
        OSError: if it can't be written.
    """
    older = refuse_foreign(folder, files)
    for place in (folder, folder / LECTURER):
        place.mkdir(parents=True, exist_ok=True)
        try_place(place / "index.html")
    for name, content in files.items():
        if name != LIST:
            replace_file(folder / name, lambda file, content=content: file.write(content))  # type: ignore[misc]
    replace_file(folder / LIST, lambda file: file.write(files[LIST]))  # last: until then the older list holds
    for name in older - files.keys():
        (folder / name).unlink(missing_ok=True)


def refuse_foreign(folder: Path, files: Mapping[str, bytes] | None = None) -> set[str]:
    """The files that an earlier call wrote into a folder.

    Args:
        folder: may not be there yet.
        files: that are to be written: what is there already as it is to be is no stranger.

    Raises:
        ForeignFilesError: if there are others, or some were changed since.
    """
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise ForeignFilesError(f"{folder} is a file: give a folder.")
    known = _listed(folder / LIST)
    foreign, changed = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and name == LECTURER.rstrip("/") and not path.is_symlink():
            continue
        if name == LIST and known:
            continue
        is_new = files is not None and path.is_file() and path.read_bytes() == files.get(name)
        if name not in known and not is_new:
            foreign.append(name + ("/" if path.is_dir() else ""))
        elif not is_new and hashlib.sha256(path.read_bytes()).hexdigest() != known[name]:
            changed.append(name)
    if foreign or changed:
        told = [f"{what}: {', '.join(names)}" for what, names in (("not ours", foreign), ("changed", changed)) if names]
        raise ForeignFilesError(
            f"{folder} has files that would be lost or mixed up ({'; '.join(told)}). Give a new folder, or move them away."
        )
    return set(known)


def _listed(path: Path) -> dict[str, str]:
    """The hashes by file; empty if there is no list, or what is there is none."""
    try:
        listed = json.loads(path.read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    safe = re.compile(rf"({re.escape(LECTURER)})?[\w.-]+")
    if not isinstance(listed, dict):
        return {}
    return {name: str(code) for name, code in listed.items() if safe.fullmatch(name) and name not in (".", "..")}
