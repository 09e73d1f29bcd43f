"""What all pages have in common: one file, its own script only, names that come out as themselves."""

import base64
import hashlib
import re
import shutil
import subprocess

import pytest

from minigraph.drawing.theme import DARK, THEME
from minigraph.pages.page import UnwrittenPage, colors, embedded, one_file, part


def test_the_policy_names_the_style_and_the_script_by_their_hashes():
    text = one_file("<b> & </title>", "<p>body</p>", data={"name": "</script>"})
    policy = re.search(r'content="(default-src [^"]*)"', text).group(1)
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy and policy.startswith("default-src 'none';")
    assert "<title>&lt;b&gt; &amp; &lt;/title&gt;</title>" in text
    assert text.count("</script>") == 2


def test_what_json_has_not_is_refused_and_what_ends_a_script_is_escaped():
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded({"value": float("nan")})
    assert embedded({"a": "<!--</script>"}) == '{"a":"\\u003c!--\\u003c/script>"}'


def test_a_frame_holds_the_page_escaped():
    class Page(UnwrittenPage):
        kind = "page"

    frame = Page('<p class="x">&amp;</p>', 'a "title"')._repr_html_()
    assert 'srcdoc="&lt;p class=&quot;x&quot;&gt;&amp;amp;&lt;/p&gt;"' in frame
    assert 'title="a &quot;title&quot;"' in frame and 'sandbox="allow-scripts"' in frame and 'height="736"' in frame


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    high, low = sorted([luminance(first), luminance(second)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def palettes():
    """The colours by their names, light and dark."""
    pairs = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\);", colors(THEME))
    alone = dict(re.findall(r"--(\w+): (#\w{6});", colors(THEME)))
    assert alone == {name: light for name, light, _ in pairs}, "for browsers that do not know light-dark()"
    return alone, {name: dark for name, _, dark in pairs}


@pytest.mark.parametrize("is_dark", [False, True])
def test_text_can_be_read_on_what_it_stands_on(is_dark):
    light, dark = palettes()
    known = dark if is_dark else light
    assert light.keys() == dark.keys() and (light["ink"], dark["ink"]) == (THEME.ink, DARK.ink)
    for name in ("ink", "secondary", "value", "gradient", "good", "bad"):
        for ground in ("background", "panel"):
            assert contrast(known[name], known[ground]) >= 4.5, (name, ground)


def test_each_text_of_a_dark_picture_can_be_read_on_each_fill():
    css = colors(THEME)
    shown = THEME.rows.values()
    texts = {style.color for style in shown} | {THEME.ink, THEME.secondary}
    pairs = re.findall(r'svg \[fill="(#\w{6})"\] \{ fill: light-dark\((#\w{6}), (#\w{6})\) \}', css)
    assert all(light == now for light, now, _ in pairs), "in the light nothing changes"
    fills = [dark for light, _, dark in pairs if light not in texts]
    assert len(fills) >= 5
    dark = palettes()[1]
    for fill in [*fills, dark["background"]]:
        for name in ("ink", "secondary", "value", "gradient"):
            assert contrast(dark[name], fill) >= 4.5, (name, fill)
        for light in texts:
            found = [dark for text, _, dark in pairs if text == light]
            assert found and contrast(found[-1], fill) >= 4.5, (light, fill)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node on PATH")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6", "6"), (" −2 ", "-2"), ("1,5", "1.5"), ("3/4", "0.75"), ("-1e-3", "-0.001"), (".5", "0.5"), ("+7", "7"),
        ("2*3", "6"), ("2 · 3 × 4", "24"), ("−3 / 4", "-0.75"), ("1/2/5", "0.1"), ("3:4", "0.75"),
        ("0,5·(1 − 0,25)", "0.375"),
        ("3(1 - 0.5)", "1.5"), ("(1+1)(2+1)", "6"), ("2^-1", "0.5"), ("-2**2", "-4"), ("3²", "9"), ("2^3^2", "512"),
        ("1 – 2 - ‑3", "2"), ("5 - -2", "7"), ("1.5e2+1", "151"), ("1 + 2*3^2/9", "3"),
        ("1/0", "Infinity"),
        ("", "NaN"), ("six", "NaN"), ("0x10", "NaN"), ("Infinity", "NaN"), ("2 3", "NaN"), ("1,234.5", "NaN"), ("(2", "NaN"),
        ("2)", "NaN"), ("()", "NaN"), ("2*", "NaN"), ("1//2", "NaN"), ("e", "NaN"), ("1e", "NaN"), ("1.2.3", "NaN"),
        (".", "NaN"),
        ("(" * 9999, "NaN"),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text, number):
    script = "typed = " + part("page.js")[part("page.js").index("function typed") :].split("\n}")[0] + "\n}"
    done = subprocess.run(
        ["node", "-e", f"{script}; console.log(String(typed(process.argv[1])))", "--", text],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == number
