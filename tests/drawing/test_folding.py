"""Shared parameters, long sums, equal groups and large graphs: what is drawn as one box, and the numbers that it says."""

import re

import numpy as np
import pytest
from figures import gallery, number, read_svg

import minigraph as mg
from minigraph.drawing.folding import folds_for
from minigraph.drawing.theme import DARK, THEME
from minigraph.drawing.view import Kind, Look
from minigraph.reading.steps import steps_of


def recurrent(steps):
    random = np.random.default_rng(3)
    W, U = (mg.parameter(random.normal(size=shape) * 0.5, name) for shape, name in (((3, 3), "W"), ((3, 2), "U")))
    h = mg.data(np.zeros((3, 4)), "H0")
    for step in range(1, steps + 1):
        h = mg.tanh(W @ h + U @ mg.data(random.normal(size=(2, 4)), f"X{step}")).named(f"H{step}")
    return W, mg.squared_error(mg.sum(h, axis=0, keepdims=True), mg.data(np.ones((1, 4)), "Y")).mean().named("J")


def layers(count):
    random = np.random.default_rng(4)
    A = mg.data(random.normal(size=(4, 6)), "X")
    for layer in range(1, count + 1):
        W = mg.parameter(random.normal(size=(4, 4)) / 2, f"W{layer}")
        with mg.group(f"Layer {layer} · tanh"):
            A = mg.tanh(W @ A).named(f"A{layer}")
    return mg.squared_error(mg.sum(A, axis=0, keepdims=True), mg.data(np.ones((1, 6)), "Y")).mean().named("J")


def box_of(view, text):
    return next(box for box in view.boxes if box.rows[0].text == text and box.look is not Look.TAG)


def test_a_shared_parameter_stands_once_and_its_tags_bring_what_the_ledger_says():
    W, J = recurrent(6)
    diagram = mg.draw(J, "backward")
    large = box_of(diagram.view, "W")
    assert (large.rows[0].kind, large.rows[-1].kind) == (Kind.SHARED, Kind.BARS)
    lines = [line.contribution.value for line in J.backward().ledger if line.input is W]
    np.testing.assert_allclose(large.rows[-1].bars, [np.linalg.norm(line) for line in lines])
    tags = [box.id for box in diagram.view.boxes if box.stands_for == large.id]
    picture = read_svg(diagram.svg)
    said = [number(picture.boxes[tag][1].removeprefix("‖·‖ = ")) for tag in tags]
    for (value, error), line in zip(said, reversed(lines), strict=True):
        assert value == pytest.approx(np.linalg.norm(line), abs=error)
    assert not [edge for edge in diagram.view.edges if large.id in (edge.tail, edge.head)]
    assert not [box for box in mg.draw(J, "backward", repeats=True).view.boxes if box.look is Look.TAG]
    assert not [box for box in mg.draw(J, "backward", fold=False).view.boxes if box.look is Look.TAG]


def test_bars_of_numbers_go_up_and_down():
    w = mg.parameter(2.0, "w")
    a, b, c = (3 * w).named("a"), (-w).named("b"), mg.square(w).named("c")
    diagram = mg.draw((a + b + c).named("J"), "backward")
    assert sorted(box_of(diagram.view, "w").rows[-1].bars) == [-1, 3, 4]
    assert diagram.source.count('BGCOLOR="#a63a00"') == 3
    forward = mg.draw((a + b + c).named("K"))
    assert [row.kind for row in box_of(forward.view, "w").rows] == [Kind.SHARED, Kind.VALUE]


def test_equal_groups_in_a_row_are_one_box_with_their_first_and_last_gradient():
    J = layers(40)
    for level in ("steps", "groups"):
        view = mg.draw(J, "backward", level=level).view
        rows = [row.text for row in box_of(view, "Layers 2 … 39 (× 38)").rows]
        gradients = {node.name: gradient.value for node, gradient in J.backward().gradients.items()}
        first, last = re.fullmatch(r"‖∂J/∂W‖ (\S+) → (\S+)", rows[-1]).groups()
        for text, name in ((first, "W2"), (last, "W39")):
            value, error = number(text)
            assert value == pytest.approx(np.linalg.norm(gradients[name]), abs=error)
        assert view.title.endswith("(repeats=True shows all)")
        boxes = 83 if level == "steps" else 43
        assert len(mg.draw(J, "backward", level=level, repeats=True).view.boxes) == boxes
    assert len(mg.draw(layers(8), "backward", level="groups").view.boxes) == 11


def test_the_layer_that_is_asked_for_is_not_folded():
    J = layers(40)
    W = next(node for node in J.backward().gradients if node.name == "W20")
    texts = [box.rows[0].text for box in mg.draw(J, "backward", wrt=W).view.boxes]
    assert {"Layers 2 … 19 (× 18)", "W₂₀", "Layers 22 … 39 (× 18)"} <= set(texts)


def test_the_middle_of_a_long_sum_is_one_box():
    x = [mg.parameter(float(value), f"x{value}") for value in range(1, 13)]
    s = x[0]
    for term in x[1:]:
        s = s + term
    s = s.named("s")
    texts = [box.rows[0].text for box in mg.draw(s, "backward").view.boxes]
    assert "… 6 more" in texts
    assert len(texts) == 8
    assert len(mg.draw(s, "backward", repeats=True).view.boxes) == 13


def test_a_thousand_nodes_are_drawn_folded_and_the_title_says_how_to_see_more():
    random = np.random.default_rng(0)
    nodes = [mg.parameter(float(value), f"p{place}") for place, value in enumerate(random.normal(size=20))]
    while len(nodes) < 1000:
        a, b = (
            nodes[place] for place in (random.integers(max(0, len(nodes) - 30), len(nodes)), random.integers(len(nodes)))
        )
        nodes.append(mg.tanh(a + 0.5 * b).named(f"v{len(nodes)}"))
    J = sum(nodes[-11:], start=nodes[-12]).named("J")
    diagram = mg.draw(J, "backward")
    assert len([box for box in diagram.view.boxes if box.look is not Look.TAG]) <= 40
    assert "max_boxes=" in diagram.view.title
    assert len(diagram.svg) < 200_000
    assert diagram.source == mg.draw(J, "backward").source


def dense(count, uses):
    """Steps that read ``uses`` steps each, all of them before."""
    random = np.random.default_rng(1)
    nodes = [mg.parameter(0.1 * place, f"p{place}") for place in range(8)]
    while len(nodes) < count:
        read = random.choice(len(nodes), uses, replace=False)
        nodes.append(mg.tanh(sum((nodes[place] for place in read[1:]), start=nodes[read[0]])).named(f"v{len(nodes)}"))
    return mg.tanh(nodes[-1] + nodes[-2]).named("J")


def test_what_has_too_many_arrows_is_folded_and_the_title_says_what_shows_all():
    J = dense(38, 6)
    view = mg.draw(J, "backward").view
    most = int(re.search(r"steps in \d+ boxes; max_boxes=(\d+) shows all\)$", view.title)[1])
    assert most > 40 and len(view.edges) <= 160 < len(mg.draw(J, "backward", max_boxes=most).view.edges)
    assert "max_boxes" in mg.draw(J, "backward", max_boxes=most - 1).view.title
    assert "max_boxes" not in mg.draw(dense(38, 2), "backward").view.title
    assert "max_boxes" not in mg.draw(J, "backward", repeats=True).view.title, "who asks for all gets more"


def test_titles_say_all_that_it_takes_to_see_all():
    for J in (layers(40), gallery.forty_layers(), gallery.sum_of_sixty(), gallery.sixty_steps(), dense(60, 4)):
        for level in ("steps", "groups"):
            title = mg.draw(J, "backward", level=level).view.title
            options = dict(re.findall(r"(repeats|max_boxes)=(\w+)", title))
            options = {name: value == "True" if name == "repeats" else int(value) for name, value in options.items()}
            assert options, title
            assert "(" not in mg.draw(J, "backward", level=level, **options).view.title


def test_a_title_says_no_more_than_it_takes():
    title = mg.draw(gallery.sum_of_sixty(), "backward").view.title
    assert title.endswith("(repeats=True shows all)"), "61 boxes are no more than are drawn for who asks for all"


def test_a_stretch_is_called_by_names_as_its_steps_are():
    names = [box.rows[0].text for box in mg.draw(gallery.three_hundred_nodes()).view.boxes]
    assert names[:2] == ["s₁ … s₄₂", "s₄₃ … s₈₄"]


def test_a_stretch_of_one_step_has_its_name_once():
    folds, _ = folds_for(steps_of(gallery.attention(), True), 6, None, (), grouped=False, is_short=True)
    assert {(fold.title, fold.details) for fold in folds.values()} == {("Q", "1 step"), ("K … A", "4 steps")}


def test_a_picture_that_was_to_be_larger_says_that():
    titles = [mg.draw(J, "backward").refold(6).title for J in (gallery.attention(), gallery.one_hidden_layer())]
    assert titles[0].endswith("; a larger picture shows all)")
    assert titles[1].endswith("(one box per group; a larger picture shows all 11)")
    assert mg.draw(gallery.sum_of_sixty(), "backward").refold(12).title.endswith("(repeats=True shows all)")


def test_along_one_line_come_back_as_many_gradients_as_there_are_parameters():
    parts = [mg.parameter(k / 10, f"w{k}") if k % 2 else mg.data(k / 10, f"x{k}") for k in range(1, 31)]
    J = sum(parts[1:], parts[0]).named("J")
    told = {}
    for direction in ("forward", "backward"):
        edges = mg.draw(J, direction).view.edges
        told[direction] = [row.text for edge in edges for row in edge.rows if row.text.endswith(("values", "gradients"))]
    assert told == {"forward": ["24 values"], "backward": ["12 gradients"]}
    xs = [mg.data(k / 10, f"x{k}") for k in range(1, 31)]
    idle = mg.draw((sum(xs[1:], xs[0]) * mg.parameter(2.0, "w")).named("J"), "backward").view.edges
    assert not [row for edge in idle for row in edge.rows if "gradients" in row.text]


def test_every_theme_has_a_look_for_every_box_and_row():
    for theme in (THEME, DARK):
        assert (set(theme.boxes), set(theme.rows)) == (set(Look), set(Kind))


def test_the_pictures_of_the_gallery_are_not_folded_below_their_numbers():
    view = mg.draw(gallery.two_paths(), "backward").view
    assert len(view.boxes) == 5


def test_groups_without_numbers_are_told_by_the_first_and_the_last():
    A = mg.data(np.ones((2, 3)), "X")
    for letter in "abcdefghijkl":
        with mg.group(f"Block {letter}"):
            A = mg.tanh(mg.parameter(np.eye(2), f"W{letter}") @ A).named(f"A{letter}")
    view = mg.draw(mg.sum(A).named("J"), "backward").view
    assert [box.rows[0].text for box in view.boxes if "×" in box.rows[0].text] == ["Block b … Block k (× 10)"]


def test_contributions_of_0_have_no_bars():
    w = mg.parameter(2.0, "w")
    a, b, c = ((0 * w + number).named(name) for number, name in enumerate("abc"))
    assert not [row for row in box_of(mg.draw((a + b + c).named("J"), "backward").view, "w").rows if row.kind is Kind.BARS]


def test_a_value_that_is_read_twice_goes_once_into_a_box_of_a_folded_picture():
    x = mg.parameter(1.0, "x")
    for place in range(30):
        x = (x * x).named(f"x{place}")
    view = mg.draw(x, max_boxes=12).view
    last = view.boxes[-1].id
    assert len([edge for edge in view.edges if edge.head == last]) == 1


@pytest.mark.parametrize("most", [2, 5, 12])
def test_steps_that_are_asked_for_are_not_folded(most):
    x, chain = mg.parameter(0.5, "x"), []
    for place in range(14):
        chain.append(mg.tanh(chain[-1] if chain else x).named(f"x{place}"))
    diagram = mg.draw(chain[-1], "backward", wrt=chain[:-1], max_boxes=most)
    assert {f"x{place}" for place in range(13)} <= {box.node.name for box in diagram.view.boxes if box.node is not None}


def test_folded_pictures_number_their_steps_as_the_whole_pass_does():
    boxes = {box.rows[0].text: box for box in mg.draw(gallery.fork_of_sixty(), "backward").view.boxes}
    numbers = {text.partition(" ")[0]: box.number for text, box in boxes.items() if box.number}
    assert numbers == {"J": 1, "t₆₀": 2, "t₅₉": 3, "t₅₈": 4, "t₃": 59, "t₂": 60, "t₁": 61}
    assert [row.text for row in boxes["… 54 more"].rows] == ["… 54 more", "#5 … #58"]
    assert len(boxes) <= 16 and "#5 … #58" in read_svg(mg.draw(gallery.fork_of_sixty(), "backward").svg).texts
    forward = {box.rows[0].text: box for box in mg.draw(gallery.fork_of_sixty()).view.boxes}
    assert forward["t₁ = tanh(0.1·x)"].number == 1 and forward["… 54 more"].rows[1].text == "#4 … #57"
    layers = [mg.data(1.0, "x")]
    for k in range(10):
        with mg.group(f"Layer {k}"):
            layers.append((layers[-1] * mg.parameter(2.0, f"w{k}")).named(f"h{k}"))
    folded = mg.draw((layers[-1] + 1).named("J"), "backward").view.boxes
    assert [row.text for box in folded for row in box.rows if row.kind is Kind.NUMBER] == ["#3 … #10"]


def test_one_step_that_is_folded_has_its_number_and_scattered_ones_have_none():
    a, b = mg.parameter(1.0, "a"), mg.parameter(2.0, "b")
    terms = [mg.tanh(k * a).named(f"t{k}") if k in (0, 4, 8) else mg.parameter(1.0, f"w{k}") for k in range(9)]
    (box,) = (box for box in mg.draw(sum(terms[1:], terms[0]).named("J")).view.boxes if box.rows[0].text == "… 3 more")
    assert "#2" in [row.text for row in box.rows]
    terms, late = [], []
    for k in range(12):
        terms.append(mg.tanh(k * a).named(f"t{k}"))
        late.append(mg.exp(b).named(f"e{k}"))
    J = (sum(terms[1:], terms[0]) * sum(late[1:], late[0])).named("J")
    boxes = [box for box in mg.draw(J).view.boxes if "more" in box.rows[0].text]
    assert len(boxes) == 0 or not any(row.kind is Kind.NUMBER for box in boxes for row in box.rows)


def in_groups(count, step, first=None, name="A"):
    A = mg.data(np.ones((2, 3)), "X") if first is None else first
    for k in range(1, count + 1):
        with mg.group(f"Step {k}"):
            A = step(A, k).named(f"{name}{k}")
    return A


@pytest.mark.parametrize("level", ["steps", "groups"])
@pytest.mark.parametrize(
    "step",
    [
        lambda A, k: mg.relu(A),
        lambda A, k: A + mg.data(np.ones((2, 3)), f"c{k}"),
        lambda A, k: mg.tanh(A * 2 + 1),
        lambda A, k: A * mg.parameter(1.0, f"w{k}"),
    ],
)
def test_the_first_of_equal_groups_stands_beside_those_that_are_one_box(step, level):
    view = mg.draw(in_groups(12, step), level=level).view
    shown = " ".join(frame.title for frame in view.frames) + " ".join(box.rows[0].text for box in view.boxes)
    assert "Step 1" in shown and box_of(view, "Steps 2 … 11 (× 10)")


def test_what_was_folded_before_equal_groups_without_parameters_stays():
    x = mg.parameter(np.ones((2, 3)), "x")
    with mg.group("Before"):
        before = mg.exp(x).named("before")
    first = in_groups(10, lambda A, k: mg.relu(A), before)
    with mg.group("Between"):
        between = mg.sigmoid(first).named("between")
    last = in_groups(10, lambda A, k: mg.square(A), between, "B")
    texts = [box.rows[0].text for box in mg.draw(mg.sum(last).named("J"), "backward").view.boxes]
    assert {"before = exp(x)", "between = σ(A₁₀)", "Steps 2 … 10 (× 9)", "Steps 2 … 9 (× 8)", "x"} <= set(texts)


def test_steps_that_only_a_fold_reads_are_in_it_and_counted():
    x = mg.parameter(0.5, "x")
    trunk = mg.tanh(mg.exp(x).named("inner")).named("trunk")
    terms = [mg.sin((k + 1.0) * (trunk if 3 <= k < 9 else x)).named(f"t{k}") for k in range(12)]
    fold = box_of(mg.draw(sum(terms[1:], terms[0]).named("J"), "backward").view, "… 6 more")
    assert "with 2 steps that no other box reads" in [row.text for row in fold.rows]


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
@pytest.mark.parametrize("level", ["steps", "groups"])
def test_a_pass_without_contributions_is_drawn_as_a_pass(direction, level):
    w = mg.parameter(2.0, "w")
    given = mg.draw(w.backward(), direction, level=level).view
    assert given == mg.draw(w, direction, level=level).view
    assert any(row.text == "∂w/∂w = 1 (seed)" for row in given.boxes[0].rows) == (direction != "forward")


def test_sums_of_infinities_are_nan_and_say_so_without_a_warning():
    w = mg.parameter(1.0, "w")
    terms = [(mg.data(-np.inf if k % 2 else np.inf, f"c{k}") * w).named(f"t{k}") for k in range(12)]
    view = mg.draw(sum(terms[1:], terms[0]).named("J"), "backward").view
    assert ["part of ∂J/∂w", "= NaN"] in [[row.text for row in edge.rows] for edge in view.edges]
    array, c = mg.parameter(np.ones(5), "w"), mg.data(np.full(5, np.inf), "c")
    terms = [(c * array - array * c).named(f"t{k}") for k in range(3)]
    view = mg.draw(mg.sum(terms[0] + terms[1] + terms[2]).named("J"), "backward").view
    assert ["w", "‖·‖ = NaN"] in [[row.text for row in box.rows] for box in view.boxes]
    huge = mg.parameter(np.full(2, 1e200), "huge")
    uses = [(huge * (k + 1.0)).named(f"u{k}") for k in range(3)]
    (bars,) = (row for box in mg.draw(mg.sum(1e200 * (uses[0] + uses[1] + uses[2])), "backward").view.boxes
               for row in box.rows if row.bars)  # fmt: skip
    assert bars.bars == pytest.approx([2**0.5 * 1e200 * k for k in (3, 2, 1)])
