"""Each question of the docs is answered by a call, a few sentences, and a link to where it is told at length."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [page for page in sorted((DOCS / "questions").glob("*.md")) if page.stem != "index"]
INDEX = re.compile(r"^```\{index\} (.+)\n```\n+", re.MULTILINE)
QUESTIONS = {
    f"{page.stem}: {part.splitlines()[0]}": INDEX.sub("", part)
    for page in PAGES
    for part in re.split(r"^## ", page.read_text("utf-8"), flags=re.M)[1:]
}


def test_there_are_sixty():
    assert len(QUESTIONS) >= 60


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_question_is_found_by_other_words_too(page):
    text = page.read_text("utf-8")
    found = re.findall(r"^```\{index\} (.+)\n```\n\n## ", text, re.MULTILINE)
    assert len(found) == text.count("\n## "), "the search field finds a question by the index entries above it"
    assert all(len(entries.split(",")) >= 2 for entries in found)


def test_every_page_is_in_the_list():
    listed = (DOCS / "questions" / "index.md").read_text("utf-8")
    assert all(f"\n{page.stem}\n" in listed for page in PAGES)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_a_call_an_answer_and_a_link(question):
    before, cell, after = re.split(r"```(?:\{code-cell\} ipython3)?\n", QUESTIONS[question])
    assert not "".join(before.splitlines()[1:]).strip(), "the call comes first"
    assert "print(" in cell or "mg.draw(" in cell, "the cell shows something"
    answer, arrow, link = after.partition("→ [")
    assert arrow, "it says where to read more"
    assert len(re.findall(r"[.?!:](?:\s|$)", answer)) <= 6, "a few sentences"
    target = DOCS / "questions" / re.search(r"\]\(([^)#]+)", link)[1]
    assert target.resolve().is_file()
