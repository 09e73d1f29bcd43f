"""The gallery's graphs, hostile names, and what tests read from a picture."""

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"

GALLERY = Path(__file__).parents[2] / "docs" / "gallery"


def _loaded(name):
    """A script of the gallery; it finds the others by their names, as it does when it is run beside them."""
    specification = importlib.util.spec_from_file_location(name, GALLERY / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


gallery = _loaded("graphs")
gallery_page = _loaded("make")

HOSTILE = [
    "<b>", '"; }', r"\N", r"\G", r"\Theta", r"\Gammas", r"\\", "x\\", r"a\nb\lc\rd", r"\E\T\H\L", r"\hat y",
    "a & b &lt; &#92; &amp;amp;",
    "\x00", "מחיר", "שלום עולם", "סכום (א, ב)", "السعر 3", "x מחיר", "\u202etxt.exe", "\u2067a\u2066b\u2068c",
    "🙂", "👩‍👩‍👧",
    "</script>--><!--]]>", "${title} $title %s", "W12", "a_1", "ŷ", "=", " = ", "−x", "]", "]]", "x" * 10_000,
]  # fmt: skip
"""Names that end up as something else where they are not escaped."""


@dataclass
class Read:
    """What a picture says: the texts of its boxes and edges by id, and the ends of its edges."""

    boxes: dict[str, list[str]]
    edges: dict[str, list[str]]
    tips: list[str]
    texts: list[str]

    def ends(self, edge):
        """The boxes at the tail and at the head."""
        tail, head, _ = edge[1:].split("_")
        return f"n{tail}", f"n{head}"


def read_svg(svg):
    """Parse a picture; what belongs together is told by ids and classes."""
    root = ET.fromstring(svg)
    boxes, edges = {}, {}
    for group in root.iter(f"{SVG}g"):
        kind = group.get("class", "")
        name = group.get("id", "").rpartition("-")[2]
        if "mg-node" in kind:
            boxes[name] = [text.text for text in group.iter(f"{SVG}text") if (text.text or "").strip()]
        elif "mg-edge" in kind:
            edges[name] = [text.text or "" for text in group.iter(f"{SVG}text")]
    tips = [link.get(f"{XLINK}title", "") for link in root.iter(f"{SVG}a")]
    return Read(boxes, edges, tips, [text.text or "" for text in root.iter(f"{SVG}text")])


def size_of(svg):
    """Width and height of a picture, in points."""
    return tuple(map(float, re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg).groups()))


def number(text):
    """The number that a text says, and half a unit of its last digit; exact ones have no error."""
    plain = text.strip("() ").replace("−", "-")
    value = float(plain)
    digits, _, exponent = plain.partition("e")
    places = len(digits.partition(".")[2])
    return value, 0.51 * 10 ** (int(exponent or 0) - places)


CHAIN_RULE = re.compile(r"^(\S+) × (\(−\S+\)|\S+) = (\S+)$")


def texts(diagram):
    """The rows of each box by its first row, without the shape."""
    return {box.rows[0].text: [row.text for row in box.rows[1:]] for box in diagram.view.boxes}


def edges(diagram):
    """The rows of each edge by the names at its ends."""
    name = {box.id: box.rows[0].text.split(" = ")[0] for box in diagram.view.boxes}
    return {f"{name[e.tail]} → {name[e.head]}": [row.text for row in e.rows] for e in diagram.view.edges}
