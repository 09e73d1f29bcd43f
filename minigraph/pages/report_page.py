"""`report_page`: sentences, tables, charts and pictures as one HTML file to mail, to read on a phone, to print."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minigraph.drawing.rendering import RenderingError
from minigraph.pages.page import one_file
from minigraph.pages.page_svg import for_page
from minigraph.pages.report_charts import Scatter, line_chart, scatter_chart
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import cut
from minigraph.reading.report_parts import Curve, Formula, Part, Picture, Table

SHADES = 5
"""Cells of counts have so many shades."""
MOST_ROWS = 40
"""Of longer tables the first and the last rows are shown."""


@dataclass(frozen=True)
class Marked:
    """A curve with a mark at one of its places, counted from 1."""

    curve: Curve
    place: int


@dataclass(frozen=True)
class Counts:
    """A table of counts whose cells are shaded by their share of the row.

    Attributes:
        title: what is counted.
        corner: what rows and columns are.
        names: of the rows, and of the columns.
        rows: the counts.
    """

    title: str
    corner: str
    names: Sequence[str]
    rows: Sequence[Sequence[int]]


ReportPart = Part | Marked | Counts | Scatter


@dataclass(frozen=True)
class Section:
    """Parts under a heading."""

    heading: str
    parts: Sequence[ReportPart]


def report_page(title: str, sections: Iterable[Section]) -> str:
    """The page; sections without parts are left out.

    Example:
        >>> page = report_page("a <b> report", [Section("Data", ["3 rows"]), Section("Nothing", [])])
        >>> "<h1>a &lt;b&gt; report</h1>" in page, "Nothing" in page
        (True, False)
    """
    shown = [section for section in sections if section.parts]
    contents = "".join(
        f'<li><a href="#part{number}">{_escaped(section.heading)}</a></li>' for number, section in enumerate(shown, 1)
    )
    body = "".join(
        f'<section id="part{number}"><h2>{_escaped(section.heading)}</h2>{"".join(map(_html, section.parts))}</section>\n'
        for number, section in enumerate(shown, 1)
    )
    head = f'<header><h1>{_escaped(title)}</h1></header>\n<nav aria-label="contents"><ul>{contents}</ul></nav>'
    page = f"{head}\n<main>{body}</main>"
    return one_file(title, page, styles=["report.css"], data={})


def _html(part: ReportPart) -> str:
    if isinstance(part, Table):
        return _table(part)
    if isinstance(part, Counts):
        return _counts(part)
    if isinstance(part, Scatter):
        return f"<figure>{scatter_chart(part)}<figcaption>{_escaped(part.title)}</figcaption></figure>"
    if isinstance(part, Marked | Curve):
        curve, mark = (part.curve, part.place) if isinstance(part, Marked) else (part, None)
        return f"<figure>{line_chart(curve, mark)}<figcaption>{_escaped(curve.title)}</figcaption></figure>"
    if isinstance(part, Picture):
        return _picture(part)
    text = part.text if isinstance(part, Formula) else part
    return "".join(f"<p>{_escaped(line)}</p>" for line in text.split("\n"))


def _picture(picture: Picture) -> str:
    """The diagram, as wide as it is; the page scrolls in it."""
    try:
        return f'<figure class="wide" tabindex="0">{for_page(picture.draw().svg, tooltips=False)}</figure>'
    except (RenderingError, ValueError) as error:  # no Graphviz, or more boxes than can be read
        return f"<p>No picture: {_escaped(str(error).rstrip('.'))}.</p>"


def _table(table: Table) -> str:
    width = len(table.rows[0])
    rows = []
    for (place, row), left_out in cut(list(enumerate(table.rows)), MOST_ROWS + 2, MOST_ROWS // 2, MOST_ROWS // 2):
        if left_out:
            rows.append(f'<tr><td colspan="{width}">… {left_out:,} more rows …</td></tr>')
        is_head = place == 0 and table.has_head
        across = f' colspan="{width}"' if len(row) < width else ""
        tags = [
            "th scope=col" if is_head else "th scope=row" if column == 0 and width > 1 else "td"
            for column in range(len(row))
        ]
        cells = zip(tags, row, strict=True)
        rows.append(f"<tr>{''.join(f'<{tag}{across}>{_escaped(cell)}</{tag[:2]}>' for tag, cell in cells)}</tr>")
    return f'<div class="scrolls" tabindex="0"><table{" class=counted" * table.is_counted}>{"".join(rows)}</table></div>'


def _counts(counts: Counts) -> str:
    head = "".join(f"<th scope=col>{_escaped(name)}</th>" for name in counts.names)
    rows = [f"<tr><th scope=col>{_escaped(counts.corner)}</th>{head}</tr>"]
    for name, row in zip(counts.names, counts.rows, strict=True):
        cells = "".join(f"<td class=shade{round(SHADES * count / max(sum(row), 1))}>{count:,}</td>" for count in row)
        rows.append(f"<tr><th scope=row>{_escaped(name)}</th>{cells}</tr>")
    caption = f"<caption>{_escaped(counts.title)}</caption>"
    return f'<div class="scrolls" tabindex="0"><table class=counted>{caption}{"".join(rows)}</table></div>'


def _escaped(text: str) -> str:
    return html.escape(cleaned(text))
