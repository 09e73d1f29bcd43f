"""Quizzes in tests: their script judges answers in node, without a browser."""

import json
import shutil
import subprocess

import pytest

from minigraph.pages.page import part
from minigraph.pages.quiz_page import _data

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs node on PATH, which runs the scripts of pages without a browser")


def judgements(cases):
    """What the page says to pairs of a question and what was typed: right, words, and the sentence."""
    data = [[_data(question), text] for question, text in cases]
    text = "\n".join(
        [
            '"use strict";',
            f"const document = {{ getElementById: () => ({{ textContent: {json.dumps(json.dumps(data))} }}),",
            "querySelectorAll: () => [] };",
            "const matchMedia = () => ({});",
            part("page.js"),
            part("quiz_judge.js"),
            "const results = data.map(([q, text]) => { const j = judged(q, text); return { ...j, said: verdict(j, q) }; });",
            "process.stdout.write(JSON.stringify(results));",
        ]
    )
    done = subprocess.run([NODE, "-"], input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def typed(answer):
    """An answer as somebody would type or choose it."""
    return " x ".join(map(str, answer)) or "scalar" if isinstance(answer, tuple) else repr(answer)
