"""A real browser for tests: the Chromium of the system, if there is one."""

import contextlib
import re
import shutil
import warnings

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or sync_playwright is None,
    reason="needs a Chromium on PATH and Playwright for Python (pip install playwright); no browser is downloaded",
)

SIZES = {"desktop": (1280, 800), "phone": (390, 700), "zoomed": (640, 360)}
"""Of windows, in pixels."""

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextlib.contextmanager
def opened():
    """The browser, until the block ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of Playwright's own loop
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser
            browser.close()


def step(tab):
    """The step that a step-through page shows."""
    return int(re.match(r"Step (\d+) of", tab.inner_text("#place")).group(1))


def visible_texts(tab):
    """What its picture says to somebody who looks at it."""
    return tab.evaluate(
        """[...document.querySelectorAll("#view0 text")].filter(text => getComputedStyle(text).opacity !== "0")
        .map(text => text.textContent)"""
    )
