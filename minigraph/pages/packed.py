"""`packed`: a large page in a few parts of its room: what is shown and its data as one text, which `packed.js` unpacks.

A picture of Graphviz writes every colour, font and corner anew, and a page has the same box in several pictures.
"""

from __future__ import annotations

import base64
import json
import zlib

MOST_PLAIN = 100_000
"""What is shown, and its data, are packed if they are larger than this, in bytes; smaller pages can be read as they are."""
WITHOUT_SCRIPT = "<noscript>This page is packed, and only its script can unpack it: it needs JavaScript.</noscript>"


def is_large(body: str, data: str) -> bool:
    """Whether a page is worth packing."""
    return len(body.encode()) + len(data.encode()) > MOST_PLAIN


def packed(body: str, data: str) -> str:
    """What `packed.js` unpacks: both texts as a stream of "deflate" (RFC 1951), in base64.

    Example:
        >>> len(packed("<p>0.25</p>" * 1000, "{}")) < 200
        True
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    text = json.dumps([data, body], ensure_ascii=False).encode()
    return base64.b64encode(deflate.compress(text) + deflate.flush()).decode()


def unpacked(text: str) -> tuple[str, str]:
    """Body and data again.

    Example:
        >>> unpacked(packed("<p>π</p>", "{}"))
        ('<p>π</p>', '{}')
    """
    data, body = json.loads(zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS))
    return body, data
