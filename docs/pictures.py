"""What the docs say of pictures: who may take them, how to make one's own, and what is to be seen in them."""

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.logging import getLogger

LICENCE = """

*The pictures of this page are for taking, under the BSD-3-Clause licence of minigraph; a line such as “drawn with
minigraph” is enough. The code above a picture makes it. To make it yours, change its numbers, names or title there.{how}*
"""
HOW = {
    "mg.draw(": """ A diagram takes
`theme="paper"` for print or `theme="dark"`, and `.save("picture.pdf")` writes it
([all about pictures](../guides/diagrams.md)).""",
    "    alt:": """ A plot is written by
`plt.savefig("picture.pdf")`, after `import matplotlib.pyplot as plt`, as the last line of its cell.""",
    ".live(": """ A live page is
written by `mg.live(J, "page.html")`: one file that needs no network.""",
}
"""By what makes a picture in the text of a page: how a reader makes that kind."""


def say_licence(app, docname, source):
    """Say below pages with pictures who may take them, and how to make one's own."""
    how = [told for maker, told in HOW.items() if maker in source[0]]
    if docname.startswith(("lessons/", "teaching/", "questions/")) and how:
        source[0] += LICENCE.format(how="".join(how))


def describe(app, doctree, docname):
    """Give pictures a text for those who can't see them, and diagrams, which scale, a size; a click shows all of it."""
    for image in doctree.findall(nodes.image):
        file = Path(app.srcdir, image["uri"])
        if file.suffix == ".svg" and file.is_file():
            head = file.read_text(encoding="utf-8")[:2000].partition("<svg")[2].partition(">")[0]
            label = re.search(r'aria-label="([^"]*)"', head)
            if label:
                image.setdefault("alt", html.unescape(label[1]))
            if not image.get("alt"):
                getLogger(__name__).warning("a plot without a text: give its cell `mystnb: image: alt:`", location=image)
            view = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', head)
            if view and label:  # a diagram
                image["width"] = f"{1.2 * float(view[1]):.0f}px"  # text as large as the page's
