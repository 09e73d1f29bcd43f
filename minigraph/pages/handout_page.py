"""`handout_page`: text, links, tables and pictures as one HTML file, to read on a phone and to print, a sheet a page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from minigraph.pages.page import one_file
from minigraph.pages.page_svg import for_page
from minigraph.reading.names import cleaned


def handout_page(title: str, parts: Iterable[str]) -> str:
    """The page.

    Args:
        title: its heading, as it is, with no escapes.
        parts: HTML, in which what is not written by minigraph is escaped already.

    Example:
        >>> page = handout_page("Week 1", [section("To do", ["<p>Read.</p>"])])
        >>> "<h1>Week 1</h1>" in page, "<section><h2>To do</h2>" in page
        (True, True)
    """
    body = f"<header><h1>{html.escape(cleaned(title))}</h1></header>\n<main>\n{''.join(parts)}\n</main>"
    return one_file(title, body, styles=["handout.css"], data={})


def section(heading: str, parts: Iterable[str], kind: str = "") -> str:
    """Parts below a heading; of the kind ``"sheet"`` each begins a page on paper."""
    named = f' class="{kind}"' if kind else ""
    return f"<section{named}><h2>{html.escape(heading)}</h2>\n{''.join(parts)}</section>\n"


def figure(svg: str) -> str:
    """A picture; a page that is too narrow for it lets it scroll."""
    return f'<figure tabindex="0">{for_page(svg, tooltips=True)}</figure>\n'


def links(rows: Iterable[tuple[str, str, str]]) -> str:
    """Files to open: where they are, what they are called, and what they are for, which may be HTML."""
    listed = (
        f'<li><a href="{html.escape(file, quote=True)}">{html.escape(name)}</a><br>{told}</li>' for file, name, told in rows
    )
    return f'<ul class="links">{"".join(listed)}</ul>\n'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table whose cells are HTML; of the kind ``"texts"`` its first column may be broken into lines."""
    named = f' class="{kind}"' if kind else ""
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<div class="scrolls" tabindex="0"><table{named}><tr>{top}</tr>\n{body}</table></div>\n'
