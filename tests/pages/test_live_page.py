"""Live pages: the program in JavaScript gives what the graph gives, and numbers are written as everywhere else."""

import json
import re
import warnings

import live_pages
import numpy as np
import pytest
from hypothesis import given
from live_pages import needs_node, net, unit

import minigraph as mg
from minigraph.core.errors import ShapeError
from minigraph.drawing import rendering
from minigraph.drawing.diagram import make_scene
from minigraph.drawing.scene import few, value_text
from minigraph.drawing.view import Direction, Kind
from minigraph.drawing.view_builders import steps_view
from minigraph.formulas.spelling import ROUNDING
from minigraph.pages.live_content import Content
from minigraph.pages.live_page import MAX_BOXES, LivePage
from minigraph.pages.live_program import UFUNCS, program_of, written
from minigraph.reading.numbers import IN_PICTURES, bracketed, norm_text, rounded
from minigraph.reading.steps import steps_of
from minigraph.testing import graphs

NUMBERS = {"same": ROUNDING, "few": IN_PICTURES}


def number(text):
    return float(str(text).replace("Infinity", "inf"))


@needs_node
def test_numbers_are_written_letter_by_letter_as_in_python():
    generator = np.random.default_rng(0)
    numbers = [0.0, -0.0, 1e300, 1e-300, 5e-324, 0.03125, 12.0005, 0.1 + 0.2, 1 / 3, 999999.0, 1e6, 9999.5, 99995.0, 0.99995]
    numbers += [np.inf, -np.inf, np.nan, 2.5, 0.0625, 1.00005, -0.00012345]
    numbers += generator.integers(0, 2**64, 1500, dtype=np.uint64).view(np.float64).tolist()
    numbers += (generator.integers(-99999, 99999, 1500) / 2.0 ** generator.integers(0, 12, 1500)).tolist()  # many halves
    numbers += (generator.normal(size=1500) * 10.0 ** generator.integers(-8, 8, 1500)).tolist()
    script = "data.numbers.map(Number).flatMap(x => [2, 3, 4, 17].map(digits => rounded(x, digits)))"
    found = live_pages.run(["live_numbers.js"], {"numbers": written(numbers), **NUMBERS}, script)
    assert found == [rounded(x, digits) for x in numbers for digits in (2, 3, 4, 17)]


@needs_node
def test_arrays_are_written_as_in_pictures():
    arrays = [
        np.array(x) for x in ([1.0, -2.0], [[0.5], [1 / 3]], [[1.0, 2.0], [3.0, 4.0]], [1.0] * 5, [0.1, 0.2, 0.3, 0.4, 9.0])
    ]
    arrays += [
        np.array(7.25),
        np.zeros((1, 1, 3)),
        np.array([1.0, np.nan, np.inf, 0.0, 1.0]),
        np.array([3e200, 4e200, 0, 0, 0]),
    ]
    arrays += [np.zeros((0, 2)), np.full(6, np.inf)]
    cases = [[written(x), list(x.shape)] for x in arrays]
    script = (
        "data.cases.map(([x, shape]) => [x.map(Number), shape]).map(([x, shape]) => [WAYS.value(x, shape), WAYS.norm(x)])"
    )
    found = live_pages.run(["live_numbers.js"], {"cases": cases, **NUMBERS}, script)
    assert found == [[value_text(x), norm_text(x)] for x in arrays]


@needs_node
def test_a_page_computes_values_and_gradients_as_python_does():
    assert live_pages.random_graphs_agree(lambda cases: live_pages.run(["live_machine.js"], cases, live_pages.EVERY)) >= 15


@needs_node
def test_a_page_has_the_functions_that_are_not_refused():
    found = live_pages.run(["live_machine.js"], None, "[Object.keys(FUNCTIONS), Object.keys(INSTRUCTIONS)]")
    assert set(found[0]) == {*UFUNCS, "where"}
    assert set(found[1]) == {"constant", "same", "truth", "gather", "join", "sum", "max", "cumsum", "matmul"}


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 1e300, -1e300, 1e-300, np.inf, -np.inf, np.nan]


@needs_node
@pytest.mark.parametrize(
    "function",
    [mg.exp, mg.expm1, mg.log1p, mg.tanh, mg.sigmoid, mg.softplus, mg.relu, mg.leaky_relu, mg.abs, mg.sign, mg.square,
     mg.sin, mg.arctan, mg.cosh, lambda x: x**3, lambda x: x**0.5, lambda x: x**-1, lambda x: mg.maximum(x, 1.0),
     mg.log_sigmoid,
     lambda x: mg.logaddexp(x, 1.0), lambda x: mg.minimum(x, 0.0), lambda x: mg.bce_with_logits(x, np.ones(13))],
)  # fmt: skip
def test_special_numbers_come_out_the_same(function):
    x = mg.parameter(SPECIAL, "x")
    y = function(x)
    outputs = [y, mg.grad(y.sum(), x)]
    with np.errstate(all="ignore"):
        values = [node.value for node in outputs]
    case = [program_of(outputs, [x]), [written(x.value)]]
    script = "computed(data[0], data[1].map(x => Float64Array.from(x, Number))).map(x => [...x].map(String))"
    for found, value in zip(live_pages.run(["live_machine.js"], case, script), values, strict=True):
        np.testing.assert_allclose([number(text) for text in found], value, rtol=1e-12)


@needs_node
def test_products_joins_sums_so_far_and_entries_by_index():
    generator = np.random.default_rng(1)
    a = mg.parameter(generator.normal(size=(2, 3, 4)), "a")
    b, v = mg.parameter(generator.normal(size=(4, 2)), "b"), mg.parameter(generator.normal(size=4), "v")
    rows = mg.data([2.0, 0.0, 2.0], "rows")
    nodes = [a @ b, a @ v, v @ b, mg.cumsum(a, 1), mg.concatenate([v, a[0, 1]]), mg.take(a[0], rows), a[:, ::-1, 1:3], a.T]
    nodes += [mg.max(a, axis=(0, 2)), mg.where(np.array([True, False, True, False]), a, v), mg.one_hot(rows, 3)]
    nodes += [mg.cross_entropy_with_logits(b, mg.data([3.0, 1.0], "labels"))]
    J = sum(((node * node).sum() for node in nodes), mg.logsumexp(a, axis=None))
    outputs = [*nodes, J, *mg.grad(J, [a, b, v])]
    leaves = [a, b, v]
    script = "computed(data[0], data[1].map(x => Float64Array.from(x, Number))).map(x => [...x])"
    found = live_pages.run(["live_machine.js"], [program_of(outputs, leaves), [written(x.value) for x in leaves]], script)
    for output, node in zip(found, outputs, strict=True):
        np.testing.assert_allclose(np.reshape(output, node.shape), node.value, rtol=1e-12)


def said(pieces, values):
    """A text as the page writes it."""
    ways = {"few": few, "bracketed": lambda x: bracketed(str(few(x))), "value": value_text, "norm": norm_text}
    return "".join(piece if isinstance(piece, str) else ways[piece[0]](values[piece[1]]) for piece in pieces)


@given(graphs(max_operations=6))
def test_what_moves_says_at_first_what_the_picture_says(graph):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scene = make_scene(graph.root, steps_of(graph.root, True), Direction.PAGE, "live", title=None)
    content = Content(scene)
    values = [node.value for node in content.outputs]
    plain = steps_view(scene)
    moved = [*content.view.boxes, *content.view.edges]
    for thing, before in zip(moved, [*plain.boxes, *plain.edges], strict=True):
        for row, was in zip(thing.rows, before.rows, strict=True):
            mark = re.fullmatch(rf"{content.mark}(\d+){content.mark}0*", row.text)
            text = said(content.rows[int(mark[1])], values) if mark else row.text
            assert text == was.text or (was.kind is Kind.LOCAL and text.split(" = ")[-1] == was.text.split(" = ")[-1])


def test_formulas_have_numbers_in_the_place_of_names():
    scene = make_scene(L := unit(), steps_of(L, True), Direction.PAGE, "live", title=None)
    content = Content(scene)
    lines = content.formulas()
    values = [float(node.value) for node in content.outputs]
    assert [said(line, values) for line in lines] == [
        "z = w·x + b = 0.5·2 + 0 = 1",
        "a = σ(z) = σ(1) = 0.7311",
        "L = BCE(a, y) = BCE(0.7311, 1) = 0.3133",
    ]


def test_the_chain_rule_has_its_numbers_and_its_sums():
    b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    J = mg.log((u + b).named("v")).named("J")
    content = Content(make_scene(J, steps_of(J, True), Direction.PAGE, "live", title=None))
    lines, formulas = content.sums(), content.formulas()
    values = [float(node.value) for node in content.outputs]
    assert [said(line, values) for line in lines] == [
        "∂J/∂v = ∂J/∂J · ∂J/∂v = 1 × 0.1111 = 0.1111",
        "∂J/∂u = ∂J/∂v · ∂v/∂u = 0.1111 × 1 = 0.1111",
        "∂J/∂c = ∂J/∂u · ∂u/∂c = 0.1111 × 3 = 0.3333",
        "∂J/∂b = ∂J/∂u · ∂u/∂b + ∂J/∂v · ∂v/∂b = 0.1111 × 2 + 0.1111 × 1 = 0.3333",
    ]
    values[content.outputs[content.scene.steps[-2].node]] = -9.0
    assert said(formulas[-1], values) == "J = log(v) = log(−9) = 2.197"


def test_a_sum_that_came_by_way_of_an_array_leaves_nothing_out():
    w, x = mg.parameter(0.5, "w"), mg.data([1.0, -2.0], "x")
    J = ((w * x).named("z").sum().named("s") + (w**2).named("p")).named("J")
    content = Content(make_scene(J, steps_of(J, True), Direction.PAGE, "live", title=None))
    lines = content.sums()
    values = [node.value for node in content.outputs]
    [line] = [said(line, values) for line in lines if "∂J/∂w" in str(line)]
    assert line in ("∂J/∂w = −1 + 1 = 0", "∂J/∂w = 1 − 1 = 0", "∂J/∂w = 1 + (−1) = 0"), line


def test_gradients_are_moved_as_they_are_written():
    x = mg.parameter(2.0, "x")
    content = data_of(mg.live(mg.grad(x**3, x)).text)
    assert content["rootName"] == "g" and content["lines"][0][0] == "g = 3x²"


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.0, 1e300, 1e-300, np.float32(0.1), 5e-324])
def test_every_number_can_be_in_a_page(value):
    w = mg.parameter(value, "w" * 40)
    (leaf,) = data_of(mg.live((w + w).named("J")).text)["leaves"]
    assert leaf["values"] == written(value) and leaf["moves"]
    assert data_of(mg.live(w).text)["leaves"][0]["values"] == written(value)


def test_the_page_is_one_small_file_with_a_strict_policy(tmp_path):
    path = mg.live(unit(), tmp_path / "unit.html")
    text = path.read_text("utf-8")
    assert path.name == "unit.html" and len(text) < 150_000
    assert "default-src 'none'" in text and "unsafe" not in text and "style=" not in text
    assert not re.findall(r"(?:src|href)=\"?https?:", text)
    found = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert [leaf["name"] for leaf in found["leaves"]] == ["w", "x", "b", "y"]
    assert [leaf["moves"] for leaf in found["leaves"]] == [True, False, True, False]
    assert ">@0@0" in text and 'data-row="0"' in text and "title=" not in text.split("<figure id", 1)[1]


def test_names_come_out_as_themselves(tmp_path):
    w = mg.parameter(2.0, '</script><b onclick="alert(1)">')
    x = mg.data(1.0, '"; }')
    text = mg.live((w * x).named("<J>"), tmp_path / "x.html").read_text("utf-8")
    assert "<b onclick" not in text and text.count("</script>") == 2


def test_a_name_like_a_mark_is_a_name():
    w = mg.parameter(2.0, "@0@000")
    text = mg.live((w * w).named("@@")).text
    assert ">@0@000</text>" in text and ">@@@0@@@" in text and text.count('data-row="0"') == 1


def test_without_a_path_a_notebook_displays_it():
    page = mg.live(unit(), title="a <unit>")
    assert isinstance(page, LivePage) and repr(page).startswith("<live page 'a <unit>'")
    shown = page._repr_html_()
    assert "<iframe srcdoc=" in shown and 'sandbox="allow-scripts"' in shown and "a &amp;lt;unit&amp;gt;" in shown


def test_without_a_renderer_it_has_formulas_and_no_picture(monkeypatch, tmp_path):
    def none(*_, **__):
        raise rendering.RenderingError("no Graphviz")

    monkeypatch.setattr("minigraph.pages.live_content.to_svg", none)
    with pytest.warns(UserWarning, match="the page has no picture: no Graphviz"):
        text = mg.live(unit(), tmp_path / "unit.html").read_text("utf-8")
    assert "<p>No picture: no Graphviz.</p>" in text


def test_what_can_not_be_shown_is_refused():
    w = mg.parameter(1.0, "w")
    with pytest.raises(ValueError, match="rankdir is"):
        mg.live(w * 2, rankdir="up")
    with pytest.raises(TypeError, match="rate is a finite real number"):
        mg.live(w * 2, rate="fast")
    with pytest.raises(ShapeError):
        mg.live(mg.parameter([1.0, 2.0], "v") * 2)
    with pytest.raises(ValueError, match="there is nothing to move"):
        mg.live((mg.parameter(np.ones((0, 6)), "W") * 2).sum())
    x = w
    for place in range(MAX_BOXES + 1):
        x = mg.tanh(x).named(f"x{place}")
    with pytest.raises(ValueError, match=rf"102 boxes can't be watched at once \(at most {MAX_BOXES}\)"):
        mg.live(x)


def test_an_operation_that_only_python_knows_is_refused_by_name():
    class Half(mg.Elementwise):
        def forward(self, x):
            return x / 2

        def derivatives(self, result, x):
            return [mg.Scale(mg.data(0.5))]

    with pytest.raises(TypeError, match=r"live: .*half.* has no lowering, so a page can't say what it does"):
        mg.live(Half()(mg.parameter(1.0, "w")).named("J"))


def test_indices_stay_what_they_are():
    rows = mg.data([1.0, 0.0], "rows")
    J = (mg.take(mg.parameter([1.0, 2.0], "v"), rows) ** 2).sum().named("J")
    text = mg.live(J).text
    assert '"name":"v"' in text and '"name":"rows"' not in text


@pytest.mark.parametrize("compute", [lambda v, i: v[i], lambda v, i: mg.grad(v[i].sum(), v), lambda v, i: mg.take(v, i)])
def test_indices_that_are_computed_are_refused(compute):
    v, i = mg.parameter([1.0, 2.0], "v"), mg.parameter([1.0, 0.0], "i")
    with pytest.raises(TypeError, match=r"live: .* computed"):
        program_of([compute(v, i * 1)], [v, i])


def test_arrays_without_entries_are_refused():
    with pytest.raises(ShapeError, match=r"live: 'v' is \(0,\): there are no entries"):
        mg.live((mg.parameter(np.zeros(0), "v").sum() + mg.parameter(1.0, "w")).named("J"))


def test_functions_that_a_page_lacks_are_named(monkeypatch):
    monkeypatch.setattr("minigraph.pages.live_program.UFUNCS", frozenset(["multiply"]))
    w = mg.parameter(1.0, "w")
    with pytest.raises(TypeError, match="live: exp needs NumPy's exp, which pages do not have"):
        program_of([mg.exp(w)], [w])


def data_of(text):
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_gradients_of_arrays_are_written_out_or_by_their_norm():
    rows = data_of(mg.live(net()).text)["rows"]
    gradients = [row for row in rows if isinstance(row[0], str) and "∂J/∂" in row[0]]
    assert {(row[0], row[1][0]) for row in gradients} == {
        ("∂J/∂W₁ = ", "few"), ("∂J/∂b₁ = ", "few"), ("‖∂J/∂Z₁‖ = ", "norm"), ("‖∂J/∂A₁‖ = ", "norm"),
    }  # fmt: skip


def test_it_says_where_there_is_no_value_or_no_derivative():
    p, z = mg.parameter(0.5, "p"), mg.parameter(1.0, "z")
    found = data_of(mg.live((mg.bce(p, mg.data(1.0, "y")) + mg.relu(z)).named("J")).text)["checks"]
    told = [(check["name"], check["operation"], check.get("bounds"), check.get("kinks")) for check in found]
    assert ("p", "bce", [[0.0, "min"], [1.0, "max"]], None) in told
    assert ("z", "relu", None, [0.0]) in told


def test_float32_stays_float32():
    w = mg.parameter(np.float32(0.1), "w")
    found = data_of(mg.live((mg.exp(w) * w).named("J")).text)
    assert found["leaves"][0]["whole"] and {row[3] for row in found["program"]["instructions"]} == {0, 1}
