"""Pictures in TikZ: LaTeX makes a page of each, names come out as themselves, and nothing of the picture is lost."""

import re
import shutil
import subprocess

import pytest
from figures import HOSTILE, gallery

import minigraph as mg
from minigraph.drawing import rendering, tikz
from minigraph.drawing.typesetting import Typeset, foreign

SPECIAL = ["a_b", "50%", "R&D", "#1", "x~y", "x^2", "back\\slash", "$dollar", "{brace}", "}", "{", "]", "theta_12", "ŷ", "é",
           "größe", "語", "\\end{document}", "\\", "a^^b", "‖", "½", "…", "x₁", "ﬁ", "Ж", "^"]  # fmt: skip
FIGURES = [
    (gallery.chain, "both", {}),
    (gallery.five_layers, "backward", {"theme": "dark"}),
    (gallery.logistic_regression, "both", {"arrays": "heatmap"}),
    (gallery.two_paths, "both", {"style": "circuit"}),
    (gallery.recurrent_unit, "backward", {}),
    (gallery.long_names, "backward", {}),
    (gallery.trained_net, "backward", {"level": "groups"}),
    (gallery.logistic_unit, "backward", {"blank": True}),
]


def written(diagram, folder, **options):
    return diagram.save(folder / "x.tex", **options).read_text("utf-8")


def labels(text):
    """What each text of the picture says, in LaTeX."""
    return re.findall(r"^\\mgtext\{.*$", text, re.MULTILINE)


def is_balanced(latex):
    """Whether braces close, and dollars come in pairs, escaped ones aside."""
    bare = re.sub(r"\\[\\{}$]", "", latex)
    depths = [bare[:at].count("{") - bare[:at].count("}") for at in range(len(bare) + 1)]
    return min(depths) == 0 == depths[-1] and bare.count("$") % 2 == 0


@pytest.mark.parametrize(("figure", "direction", "options"), FIGURES)
def test_every_box_and_edge_is_in_the_file_and_braces_close(figure, direction, options, tmp_path):
    diagram = mg.draw(figure(), direction, **options)
    text = written(diagram, tmp_path)
    comments = [line[2:] for line in text.splitlines() if line.startswith("% ")]
    for box in diagram.view.boxes:
        assert box.rows[0].text in comments
    assert text.count(" .. controls ") >= len(diagram.view.edges)
    assert labels(text) and all(map(is_balanced, labels(text)))
    used = set(re.findall(r"(?:fill|draw|color)[={]\{?(mg[0-9A-F]{6})", text))
    assert used == set(re.findall(r"\\definecolor\{(mg[0-9A-F]{6})\}", text))
    assert text == written(mg.draw(figure(), direction, **options), tmp_path)


def test_formulas_are_those_of_the_tree(tmp_path):
    text = written(mg.draw(gallery.five_layers(), "backward"), tmp_path)
    for formula in (
        r"Z_{1} = W_{1} \, X + b_{1}$",
        r"A_{1} = \operatorname{ReLU}(Z_{1})$",
        r"$W_{2}^{\top} \, \partial J/\partial Z_{2}$",
        r"$\partial J/\partial A_{1} \odot [Z_{1} > 0]$",
        r"$\text{row sum of }\partial J/\partial Z_{1}$",
        r"\bfseries\boldmath",
        r"$5{\times }4$",
        r"Layer $1$ $\cdot$ ReLU $\cdot$ $4 \to  5$",
    ):
        assert formula in text
    assert r"\left(" not in text and r"\frac{\partial" not in text


def test_numbers_and_words_around_formulas(tmp_path):
    text = written(mg.draw(gallery.two_paths(), "backward"), tmp_path)
    assert r"$\partial e/\partial b = 3 + 3 = 6$" in text and r"$\partial e/\partial e = 1$ (seed)" in text
    assert r"$\partial c/\partial b = 1$" in text and r"$3 \times  1 = 3$" in text
    blank = written(mg.draw(gallery.two_paths(), "backward", blank=True), tmp_path)
    assert blank.count(r"\rule") > 8


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("no gradient", "no gradient"),
        ("range −1.3 … 0.91", r"range $-1.3 \ldots  0.91$"),
        ("= 1e−12", r"$= 10^{-12}$"),
        ("‖∂J/∂W₁‖ = 0.0819", r"$\Vert \partial J/\partial W_{1}\Vert  = 0.0819$"),
        ("tag a use of a thing", "tag a use of a thing"),
        ("w₁x² + dW", r"$w_{1}x^{2} + dW$"),
        ("(seed) (−2)", "(seed) $(-2)$"),
        ("price_of_a_kilo…", r"price\_of\_a\_kilo$\ldots $"),
        ("tanh(x) in θ", r"$\tanh(x)$ in $\theta$"),
        ("Q′", "$Q'$"),
        ("x ⊙ [Z > 0]; 5", r"$x \odot  [Z > 0]; 5$"),
        ("∂a_b/∂c", r"$\partial $a\_b/$\partial c$"),
        ("∫ ϖ ₂ ᵀ", r"\mgletter{222B}{∫} $\mgletter{03D6}{ϖ}$ \ensuremath{_{2}} $^{\top}$"),
    ],
)
def test_texts_that_are_no_formulas_of_the_picture(text, latex):
    assert Typeset().line(text) == latex


def test_a_formula_is_found_whole_and_not_within_words():
    a, error = mg.parameter(1.0, "a"), mg.parameter(2.0, "err")
    typeset = mg.draw((a * error).named("err_max")).view.typeset
    assert typeset.line("err_max = a·err, an error") == r"$\text{err\_max} = a \cdot \mathit{err},$ an error"
    assert typeset.line("a use of a") == "a use of $a$"


def test_letters_that_latex_has_not():
    assert foreign("é語") == r"\text{é}\mgletter{8A9E}{語}" and foreign(r"\mathit{größe}") == r"\textit{gr\text{ö}\text{ß}e}"
    assert foreign("\u0416\ufb01") == "\\mgletter{0416}{Ж}\\mgletter{FB01}{ﬁ}" and foreign("β₂ᵀ≤") == (
        r"\ensuremath{\beta}\ensuremath{_{2}}\ensuremath{^{\top}}\ensuremath{\le}"
    )


def test_a_page_of_a_slide(tmp_path):
    text = written(mg.draw(gallery.trained_net(), "backward", level="groups"), tmp_path, aspect=16 / 9, width=960)
    width, height = map(float, re.search(r"paperwidth=(.*?)bp,paperheight=(.*?)bp", text).groups())
    assert width == pytest.approx(961, abs=1) or height == pytest.approx(541, abs=1)
    assert min(float(size) for size in re.findall(r"\{([\d.]+)\}\{\{", text)) >= 12


def test_a_layout_of_an_unknown_kind_leaves_the_source(tmp_path, monkeypatch):
    for layout in (b"{", b"[]", b"{}", b'{"bb": 3}'):
        monkeypatch.setattr(tikz, "render", lambda *_, layout=layout: layout)
        with pytest.warns(UserWarning, match=r"x.dot was written instead of a picture: Graphviz gave a layout"):
            assert mg.draw(gallery.chain()).save(tmp_path / "x.tex").suffix == ".dot"


def test_both_graphvizes_give_the_same_texts(tmp_path, monkeypatch):
    pytest.importorskip("pygraphviz", reason="the other Graphviz is a wheel that is not installed")
    texts = []
    for name in ("dot", "pygraphviz wheel"):
        if rendering.RENDERERS[name]("json") is None:
            pytest.skip(f"there is no {name} here")
        monkeypatch.setattr(rendering, "RENDERERS", {name: rendering.RENDERERS[name]})
        texts.append(
            [re.sub(r"^\\mgtext(\{[^{}]*\}){4}", "", label) for label in labels(written(mg.draw(gallery.chain()), tmp_path))]
        )
        monkeypatch.undo()
    assert sorted(texts[0]) == sorted(texts[1])


# With LaTeX


@pytest.fixture
def latex(tmp_path):
    """A function that makes a page of a file, and gives its text where that can be read."""
    if shutil.which("pdflatex") is None:
        pytest.skip("there is no LaTeX here: pdflatex, with the packages amsmath, pgf and geometry")

    def run(path):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=600, check=False)
        said = done.stdout.decode("latin1")
        assert done.returncode == 0, said[-1500:]
        assert "Output written" in said and "(1 page" in said, said[-500:]
        assert "Missing character" not in path.with_suffix(".log").read_text("latin1")
        if shutil.which("pdftotext") is None:
            return ""
        read = ["pdftotext", "-layout", str(path.with_suffix(".pdf")), "-"]
        return subprocess.run(read, capture_output=True, check=True).stdout.decode()

    return run


@pytest.mark.parametrize(("figure", "direction", "options"), FIGURES)
def test_latex_makes_one_page(figure, direction, options, latex, tmp_path):
    latex(mg.draw(figure(), direction, **options).save(tmp_path / "x.tex"))


@pytest.mark.parametrize("start", range(0, len(SPECIAL + HOSTILE), 16))
def test_latex_takes_any_name(start, latex, tmp_path):
    x = mg.data(2.0, "x")
    for place, name in enumerate((SPECIAL + HOSTILE)[start : start + 16]):
        with mg.group(f"{name} · {place}"):
            x = mg.tanh(x * mg.parameter(1.0, name)).named(f"h{place} {name}")
    diagram = mg.draw((x * 3).named("J"), "backward", title="Title " + SPECIAL[start % len(SPECIAL)])
    text = latex(diagram.save(tmp_path / "x.tex"))
    assert not text or all(word in text for word in ("Title", "parameter", "operation"))


def test_a_document_takes_it_as_a_picture(latex, tmp_path):
    mg.draw(gallery.chain(), "backward").save(tmp_path / "chain.tex")
    (tmp_path / "paper.tex").write_text(
        r"\documentclass{article}\usepackage{amsmath,amssymb,tikz}\begin{document}Before."
        r"\begin{figure}[h]\resizebox{\linewidth}{!}{\input{chain.tex}}\caption{The chain rule}\end{figure}"
        r"\begin{figure}[h]\resizebox{\linewidth}{!}{\input{chain}}\end{figure}After.\end{document}"
    )
    text = latex(tmp_path / "paper.tex")
    assert not text or ("Before." in text and "After." in text and text.count("Backward pass") == 2)
