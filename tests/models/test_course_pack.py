"""``minigraph class``: the folder that it writes, what it refuses, and its slides."""

import json
import re
import shutil
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
from minigraph.models.course import CLASSES, taught
from minigraph.models.course.drawn_svg import draw_svg
from minigraph.models.course.hidden_layer import layer_backward
from minigraph.models.course.pack import LIST, ForeignFilesError, pack, refuse_foreign, write_pack
from minigraph.models.course.slide_deck import HEIGHT, SMALLEST, WIDTH, _wrapped, slides_pdf
from minigraph.models.course.taught_class import Slide

import minigraph as mg
from minigraph.command_line.main import main
from minigraph.drawing.rendering import RENDERERS

pytest.importorskip("matplotlib", reason="slides are made by Matplotlib, of the extra plots")


@pytest.fixture(scope="module")
def packs():
    return {name: pack(taught(name), students=2, groups=1 + (name == "chain-rule")) for name in CLASSES}


class Links(HTMLParser):
    """The addresses of a page, and what it would load."""

    def __init__(self, page):
        super().__init__()
        self.found, self.loads = [], []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.found += [attrs["href"]] if tag == "a" and "href" in attrs else []
        self.loads += [
            attrs[name] for name in ("src", "href") if tag in ("img", "link", "iframe", "script") and name in attrs
        ]


@pytest.mark.parametrize("name", CLASSES)
def test_every_file_is_linked_and_every_link_leads_to_a_file(packs, name):
    files = packs[name]
    reached, waiting = set(), ["index.html"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        assert page in files, page
        reached.add(page)
        if page.endswith("index.html"):
            links = Links(files[page])
            assert not links.loads
            waiting += [
                (Path("/", page).parent / to).resolve().relative_to(Path("/").resolve()).as_posix() for to in links.found
            ]
    assert reached == files.keys() - {LIST}


@pytest.mark.parametrize("name", CLASSES)
def test_every_link_of_every_page_opens_a_file_of_the_folder_and_pages_of_the_docs_are_named(packs, name):
    for file, content in packs[name].items():
        if file.endswith(".html"):
            for to in Links(content).found:
                assert to.startswith("#") or (Path("/", file).parent / to).resolve().as_posix()[1:] in packs[name], (
                    file,
                    to,
                )
    docs = Path(__file__).parents[2]
    named = re.findall(r"<code>(docs/[^<]*)</code>", packs[name]["lecturer/index.html"].decode())
    assert len(named) >= 3 and all((docs / page).is_file() for page in named)
    assert not re.search(r"\]\(", packs[name]["lecturer/index.html"].decode())


@pytest.mark.parametrize("name", CLASSES)
def test_an_assignment_begins_with_how_to_get_minigraph(packs, name):
    cells = json.loads(packs[name]["assignment.ipynb"])["cells"]
    before = "".join("".join(cell["source"]) for cell in cells[: [cell["cell_type"] for cell in cells].index("code")])
    assert "%pip install ./minigraph" in before and ".whl" in before and "Colab" in before and "clone" in before


@pytest.mark.parametrize("name", CLASSES)
def test_what_students_see_gives_no_solutions_away(packs, name):
    students = {file: content for file, content in packs[name].items() if not file.startswith("lecturer/")}
    lines = [
        line.strip() for line in packs[name]["lecturer/solution.py"].decode().splitlines() if "@" in line or "# two" in line
    ]
    assert lines
    for file in ("assignment.ipynb", "index.html", "worksheet.html"):
        assert not [line for line in lines if line in students[file].decode()]


def test_groups_and_seeds_have_other_numbers_and_all_else_is_the_same_to_the_byte(packs):
    files = packs["chain-rule"]
    assert files["quiz-1.html"].partition(b"<main>")[2] != files["quiz-2.html"].partition(b"<main>")[2]
    other = pack(taught("chain-rule"), students=2, seed=1)
    quizzes = {"quiz.html", "quiz-1.html", "quiz-2.html", "lecturer/questions.xml"}
    sheets = {"worksheet.html", "lecturer/solutions.html"}
    changed = {file for file in other.keys() | files.keys() if other.get(file) != files.get(file)}
    assert changed == quizzes | sheets | {"index.html", "lecturer/index.html", LIST}


def test_every_group_has_its_questions_in_the_bank(packs):
    one, two = (xml.fromstring(packs[name]["lecturer/questions.xml"]) for name in ("deep-nets", "chain-rule"))
    titles = [found.text for found in one.iter("text") if (found.text or "").startswith("$course$")]
    assert titles == ["$course$/minigraph: Class 3: why deep nets are hard to train"]
    places = [place for place, question in enumerate(two) if question.get("type") == "category"]
    groups = [two[place].findtext("category/text") for place in places]
    assert groups == [f"$course$/minigraph: Class 1: the chain rule on graphs, group {number}" for number in (1, 2)]
    first, second = two[1 : places[1]], two[places[1] + 1 :]
    assert len(first) == len(second) > 20
    assert [x.findtext("questiontext/text") for x in first] != [x.findtext("questiontext/text") for x in second]


# Slides


def letters(pdf):
    """The sizes of all letters in a PDF, in points: its texts are placed, but not scaled."""
    sizes = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        if b" Tf" in text:
            assert {found for found in re.findall(rb"([\d. -]+) [\d.-]+ [\d.-]+ cm\s+BT", text)} <= {
                b"1 0 -0 1",
                b"0 1 -1 0",
            }
            sizes += [float(size) for size in re.findall(rb"/F\S+ ([\d.]+) Tf", text)]
    return sizes


@pytest.mark.parametrize("name", CLASSES)
def test_slides_are_16_to_9_and_no_letter_is_small(packs, name):
    pdf = packs[name]["slides.pdf"]
    boxes = set(re.findall(rb"/MediaBox \[ ([^\]]*) \]", pdf))
    assert boxes == {b"0 0 960 540"} and WIDTH / HEIGHT == 16 / 9
    assert len(re.findall(rb"/Type /Page\b", pdf)) == len(taught(name).slides)
    sizes = letters(pdf)
    assert len(sizes) > 50 and min(sizes) >= SMALLEST == 14


def test_a_picture_with_letters_too_small_for_a_slide_is_refused():
    from dataclasses import replace

    slides = (Slide("One"), Slide("Two", (), layer_backward))
    with pytest.raises(ValueError, match=r"would have letters of 1[0-3]\.\d points on a slide, and not 14"):
        slides_pdf(replace(taught("chain-rule"), slides=slides))


@pytest.mark.parametrize("slide", [Slide("Long", code=("x = " + "y" * 70,)), Slide("High", ("a line",) * 12)])
def test_what_does_not_fit_on_a_slide_is_refused(slide):
    from dataclasses import replace

    with pytest.raises(ValueError, match=r"'(Long|High)' has more than fits on a slide in letters of 22 points"):
        slides_pdf(replace(taught("chain-rule"), slides=(Slide("One"), slide)))


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("b1 is (4, 1): Z1 = W1 X + b1 is (4, m).", "Z1 = W1 X + b1"),
        ("Go back to dA1 = W2ᵀ dZ2 and on", "dA1 = W2ᵀ dZ2"),
        ("dZ = dA ⊙ g′(Z), dW is dZ Aᵀ / m", "dZ = dA ⊙ g′(Z),"),
    ],
)
def test_formulas_are_not_broken(line, parts):
    for width in range(150, 500, 25):
        broken = _wrapped(line, 22, width, {})
        assert any(parts in part.replace("\N{NO-BREAK SPACE}", " ") for part in broken)


@pytest.mark.parametrize("options", [{}, {"style": "circuit"}, {"level": "groups"}, {"arrays": "heatmap"}])
def test_every_shape_and_text_of_a_diagram_is_drawn_inside_its_frame(options):
    from matplotlib.figure import Figure

    W = mg.parameter([[0.5, -1.0]], "W")
    with mg.group("Layer 1"):
        Z = (W @ mg.data([[1.0, 2.0], [0.0, 1.0]], "X")).named("Z")
    if options.get("style") == "circuit":
        Z = mg.parameter(2.0, "a") * 3
    diagram = mg.draw(mg.square(Z).sum().named("J"), "backward", **options)
    figure = Figure(figsize=(20, 20))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 1440), ylim=(0, 1440))
    smallest = draw_svg(diagram.svg, ax, 0, 1440)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", diagram.svg)
    assert [text.get_text().replace("\xa0", " ") for text in ax.texts] == [
        text.replace("&#160;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("\xa0", " ") for text in texts
    ]
    shapes = len(re.findall(r"<(?:polygon|polyline|path|ellipse)\b", diagram.svg))
    assert len(ax.patches) == shapes and smallest >= 8
    width, height = map(float, re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', diagram.svg).groups())
    for patch in ax.patches:
        box = patch.get_window_extent().transformed(ax.transData.inverted())
        assert box.x0 >= -1 and box.x1 <= width + 1 and 1439 - height <= box.y0 and box.y1 <= 1441


def test_without_matplotlib_one_line_names_the_extra_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["class", "chain-rule", "--out", str(tmp_path / "week1")]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "minigraph: slides are made by Matplotlib: pip install 'minigraph[plots]'"
    )
    assert not (tmp_path / "week1").exists()


def test_without_graphviz_one_line_names_the_extra_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("minigraph.drawing.rendering.RENDERERS", dict.fromkeys(RENDERERS, lambda _: None))
    assert main(["class", "chain-rule", "--out", str(tmp_path / "week1")]) == 1
    assert 'minigraph: there is no Graphviz here: pip install "minigraph[render]"' in capsys.readouterr().err
    assert not (tmp_path / "week1").exists()


# The folder

OURS = {"index.html": b"one", "lecturer/solution.py": b"two", LIST: b""}


def listed(files):
    """The files with their list."""
    import hashlib

    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != LIST}
    return files | {LIST: json.dumps({"class": "x", "files": hashes}).encode()}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "course" / "week1"
    write_pack(folder, listed(OURS))
    return folder


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_written_anew_and_what_is_no_longer_needed_goes(folder):
    assert names(folder) == ["index.html", LIST, "lecturer/solution.py"]
    write_pack(folder, listed({"index.html": b"three", "quiz.html": b"four"}))
    assert names(folder) == ["index.html", LIST, "quiz.html"]
    assert (folder / "index.html").read_bytes() == b"three"


def test_files_of_somebody_else_are_named_and_nothing_is_written(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "more").mkdir()
    (folder / "index.html").write_text("edited")
    with pytest.raises(ForeignFilesError, match=r"\(not ours: more/, notes\.txt; changed: index\.html\)"):
        write_pack(folder, listed({"index.html": b"three"}))
    assert (folder / "index.html").read_text() == "edited" and (folder / "lecturer/solution.py").exists()


def test_a_write_that_was_broken_off_can_be_done_again(folder):
    (folder / "quiz.html").write_bytes(b"four")  # written, but not in the list yet
    write_pack(folder, listed(OURS | {"quiz.html": b"four"}))
    assert "quiz.html" in names(folder)


@pytest.mark.parametrize("text", ["", "[]", '{"files": []}', '{"files": {"../../other.txt": "0", "..": "1"}}'])
def test_a_list_that_is_none_makes_every_file_a_stranger_and_none_outside_is_touched(folder, text):
    other = folder.parent.parent / "other.txt"
    other.write_text("mine")
    (folder / LIST).write_text(text)
    with pytest.raises(ForeignFilesError, match=r"not ours: index\.html"):
        write_pack(folder, listed({"new.html": b"new"}))
    assert other.read_text() == "mine" and not (folder / "new.html").exists()


@pytest.mark.parametrize("outside", ["../../other.txt", "lecturer/../../../other.txt", ".."])
def test_a_list_that_names_files_outside_of_the_folder_takes_none_of_them_away(folder, outside):
    other = folder.parent.parent / "other.txt"
    other.write_text("mine")
    known = json.loads((folder / LIST).read_text("utf-8"))
    known["files"][outside] = "0"
    (folder / LIST).write_text(json.dumps(known), encoding="utf-8")
    write_pack(folder, listed({"new.html": b"new"}))
    assert names(folder) == [LIST, "new.html"] and other.read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "week1").write_text("mine")
    with pytest.raises(ForeignFilesError, match="is a file: give a folder"):
        refuse_foreign(tmp_path / "week1")


def test_a_new_folder_has_no_strangers(tmp_path):
    assert refuse_foreign(tmp_path / "new") == set()


# The command


def test_the_command_writes_the_folder_twice_and_refuses_strangers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["class", "chain-rule", "--out", "my week", "--students", "1", "--groups", "2", "--seed", "4"]
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.out == "wrote 16 files into my week: open my week/lecturer/index.html first\n".replace(
        "my week/lecturer/index.html", str(Path("my week", "lecturer", "index.html"))
    )
    assert "minigraph class chain-rule --out &#x27;my week&#x27; --seed 4 --groups 2 --students 1" in (
        tmp_path / "my week/lecturer/index.html"
    ).read_text("utf-8")
    assert main(["class", "chain-rule", "--out", "my week", "--students", "1"]) == 0
    assert "quiz-2.html" not in names(tmp_path / "my week")
    capsys.readouterr()
    shutil.copy(tmp_path / "my week/index.html", tmp_path / "my week/mine.html")
    assert main(["class", "chain-rule", "--out", "my week"]) == 1
    captured = capsys.readouterr()
    assert "mine.html" in captured.err and "slides" not in captured.err  # at once, before anything is made


def test_the_list(capsys):
    assert main(["class", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split(None, 1) == ["chain-rule", "Class 1: the chain rule on graphs"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--list", "chain-rule"], "--list prints the classes: it goes alone"),
        (["chain-rule"], "say which class, and where to"),
        (["--out", "x"], "say which class, and where to"),
        (["chain", "--out", "x"], "there is no class 'chain'"),
        (["chain-rule", "--out", "x", "--students", "0"], "'0' is not a whole number from 1"),
    ],
)
def test_what_the_command_refuses(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(["class", *words])
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2 and told in capsys.readouterr().err and not any(tmp_path.iterdir())
