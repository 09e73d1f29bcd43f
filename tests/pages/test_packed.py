"""Large pages are packed: what the script unpacks is what was packed, and a browser shows all of it."""

import base64
import json
import re
import zlib

import live_pages
import numpy as np
import pytest
from browsers import needs_browser, opened
from figures import gallery
from live_pages import needs_node

import minigraph as mg
from minigraph.pages.packed import MOST_PLAIN, unpacked
from minigraph.pages.page import one_file

STREAMS = {
    "nothing": ("", 9, zlib.Z_DEFAULT_STRATEGY),
    "one letter, again and again": ("a" * 70_000, 9, zlib.Z_DEFAULT_STRATEGY),
    "Greek and signs": ('∂J/∂θ = −0.5 🙂 </script> "<\\' * 500, 9, zlib.Z_DEFAULT_STRATEGY),
    "stored": ("".join(map(str, range(30_000))), 0, zlib.Z_DEFAULT_STRATEGY),
    "the usual codes": ("".join(map(str, range(3_000))), 9, zlib.Z_FIXED),
    "codes alone": ("".join(map(str, range(30_000))), 9, zlib.Z_HUFFMAN_ONLY),
    "far back": ("".join(map(chr, np.random.default_rng(1).integers(32, 127, 31_000))) * 3, 9, zlib.Z_DEFAULT_STRATEGY),
}


@needs_node
def test_the_script_unpacks_every_kind_of_block():
    streams = {}
    for name, (text, level, strategy) in STREAMS.items():
        deflate = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
        streams[name] = base64.b64encode(deflate.compress(text.encode()) + deflate.flush()).decode()
    unpack = "Object.entries(data).map(([name, text]) => [name, inflated(Buffer.from(text, 'base64'))])"
    found = dict(live_pages.run(["packed.js"], streams, unpack))
    assert found == {name: text for name, (text, *_) in STREAMS.items()}


@needs_node
def test_a_damaged_page_says_so():
    broken = "(() => { try { return inflated(Buffer.from(data, 'base64')); } catch (error) { return error.message; } })()"
    whole = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = whole.compress(b"minigraph " * 300 + bytes(range(256))) + whole.flush()
    for cut in [stream[:8], bytes([stream[0] ^ 2]) + stream[1:]]:
        assert "damaged" in live_pages.run(["packed.js"], base64.b64encode(cut).decode(), broken)


def content_of(page):
    return unpacked(re.search(r'id="data">(.*?)</script>', page.text, re.DOTALL)[1])


def test_forty_layers_take_less_room_than_their_picture():
    page = mg.step_through(gallery.forty_layers())
    assert len(page.text.encode()) < 130_000 and "<svg" not in page.text and "needs JavaScript" in page.text
    body, data = content_of(page)
    assert body.count("<svg ") == len(json.loads(data)["pictures"]) == 2 and len(body) > 2 * len(page.text)
    assert mg.step_through(gallery.forty_layers()).text == page.text


def test_small_pages_can_be_read_as_they_are():
    page = mg.step_through(gallery.two_paths())
    assert "<svg" in page.text and "inflated" not in page.text


@pytest.mark.parametrize("packs", [True, False])
def test_only_what_is_nothing_without_a_script_is_packed(packs):
    page = one_file("t", "<p>" + "long " * MOST_PLAIN + "</p>", data={}, packs=packs)
    assert (len(page) < MOST_PLAIN) == packs == ("noscript" in page)


@needs_browser
def test_a_browser_shows_what_was_packed(tmp_path):
    complaints = []
    step, live = mg.step_through(gallery.forty_layers()), mg.live(gallery.hundred_nodes())
    with opened() as browser:
        tab = browser.new_page(viewport={"width": 1280, "height": 720})
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(step.save(tmp_path / "steps.html").as_uri() + "#3")
        body, data = content_of(step)
        assert tab.inner_text("#place") == f"Step 3 of {len(json.loads(data)['stages'])}"
        assert tab.locator("svg").count() == 2 and tab.inner_text("#said") == tab.inner_text("#list li:nth-child(3)")
        assert tab.locator("svg text").all_text_contents()[5] in body
        tab.goto(live.save(tmp_path / "live.html").as_uri())
        tab.click("#step")
        assert tab.inner_text("#descent").startswith("1 step: ") and tab.locator("#picture svg").is_visible()
        assert len(live.text.encode()) < 150_000
    assert not complaints
