"""Each lesson as a notebook that runs by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat

INSTALL = (
    "*A lesson of the documentation of minigraph, as a notebook. It needs Python ≥ 3.11 and minigraph with the extras "
    '`render` and `plots`: in a clone of the repository, `pip install -e ".[render,plots]" jupyterlab`.*'
)
HELPER = "from exercise import"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
LINK = re.compile(r"\]\((\d\d-[\w-]+)\.md")
ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?:\.\./[^)]*|(?!\d\d-)[\w./-]+\.(?:md|html|py)[^)]*)\)")
"""A link to a page that no notebook is made of: a notebook that somebody downloaded has its words alone."""
ADMONITION = re.compile(r"^:::\{\w+\} *(.*)\n(?::\w+:.*\n)*((?:.*\n)*?):::$", re.MULTILINE)


def as_quotation(admonition: re.Match[str]) -> str:
    """A box of a page as Jupyter shows it: a quotation with a bold title."""
    title, body = admonition.groups()
    lines = [f"**{title}**", "", *body.strip().split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def as_notebook(page: str, helper: str) -> Any:
    """The page as a notebook without outputs; ``helper``, the exercise.py that it imports, is written out in it."""
    notebook = jupytext.reads(page, fmt="md:myst")
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith(HELPER):
            rest = cell.source.partition("\n")[2]
            cell.source = helper + (f"\n\n{rest}" if rest else "")
            cell.metadata["jupyter"] = {"source_hidden": True}
        elif cell.cell_type == "markdown":
            cell.source = ADMONITION.sub(
                as_quotation, ELSEWHERE.sub(r"\1 (a page of the documentation)", LINK.sub(r"](\1.ipynb", cell.source))
            )
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(INSTALL))
    notebook.metadata = nbformat.from_dict(KERNEL)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def write_all(lessons: Path, target: Path) -> None:
    """Write every lesson that is executed as a notebook into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    helper = (lessons / "exercise.py").read_text(encoding="utf-8")
    for lesson in sorted(lessons.glob("*.md")):
        page = lesson.read_text(encoding="utf-8")
        if is_notebook(page):
            file = target / f"{lesson.stem}.ipynb"
            partial = file.with_suffix(".partial")
            nbformat.write(as_notebook(page, helper), partial)
            os.replace(partial, file)


def is_notebook(text: str) -> bool:
    """Whether the page is executed."""
    return "file_format: mystnb" in text.partition("\n---\n")[0]


def add_download(app: Any, docname: str, source: list[str]) -> None:
    """Put the link to its notebook under the title of each lesson."""
    folder, _, page = docname.rpartition("/")
    if folder == "lessons" and is_notebook(source[0]):
        header, title, rest = source[0].partition("\n# ")
        heading, _, body = rest.partition("\n")
        link = f"{{download}}`Run this lesson as a notebook </_build/notebooks/{page}.ipynb>`"
        source[0] = f"{header}{title}{heading}\n\n{link}\n{body}"
