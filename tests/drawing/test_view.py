"""What is shown: boxes, folding, texts. None of this needs Graphviz."""

import numpy as np
import pytest
from figures import edges, gallery, read_svg, size_of, texts

import minigraph as mg
from minigraph.drawing.dot_text import lines
from minigraph.drawing.layout import lay_out
from minigraph.drawing.view import Look
from minigraph.reading.names import MOST_ADDED, MOST_FOLDED
from minigraph.reading.steps import latest, steps_of


def test_unnamed_nodes_are_written_in_the_step_that_uses_them(layer):
    assert list(texts(mg.draw(layer))) == ["X", "W₁", "b₁", "Z₁ = W₁ X + b₁", "A₁ = σ(Z₁)", "Y", "J = mean BCE(A₁, Y)"]


def test_folding_composes_the_local_derivatives(layer):
    assert edges(mg.draw(layer, "backward")) == {
        "W₁ → Z₁": ["∂J/∂Z₁ · Xᵀ"],
        "X → Z₁": [],
        "b₁ → Z₁": ["row sum of ∂J/∂Z₁"],
        "Z₁ → A₁": ["∂J/∂A₁ ⊙ A₁ ⊙ (1 − A₁)"],
        "A₁ → J": ["(1/m)·((A₁ − Y)/(A₁ ⊙ (1 − A₁)))"],
        "Y → J": [],
    }


def test_without_folding_every_primitive_is_a_box(layer):
    boxes = list(texts(mg.draw(layer, fold=False)))
    assert boxes[3:5] == ["s₁ = W₁ X", "Z₁ = s₁ + b₁"]
    assert boxes[-2:] == ["s₂ = BCE(A₁, Y)", "J = mean s₂"]


def test_a_step_without_a_name_that_is_used_twice_stays_a_box():
    a = mg.parameter(2.0, "a")
    s = a * 3
    assert list(texts(mg.draw((s * s).named("J")))) == ["a", "s₁ = a·3", "J = s₁·s₁"]
    used_twice_by_one = mg.exp(a)
    assert len(mg.draw((used_twice_by_one + used_twice_by_one).named("y")).view.boxes) == 3


def test_made_up_names_are_nobody_elses():
    s1 = mg.parameter(2.0, "s1")
    s = s1 * 3
    assert list(texts(mg.draw((s * s).named("J")))) == ["s₁", "s₂ = s₁·3", "J = s₂·s₂"]
    two = mg.parameter(1.0) * mg.parameter(2.0) + mg.data(3.0)
    assert list(texts(mg.draw(two))) == ["parameter₁", "parameter₂", "data", "output = parameter₁·parameter₂ + data"]


def test_a_box_holds_only_so_many_operations():
    x = y = mg.parameter(0.5, "x")
    for _ in range(3 * MOST_FOLDED):
        y = mg.tanh(y)
    steps = steps_of(y.named("y"))
    assert len(steps) > 3
    assert all(len(step.edges) <= 1 for step in steps)
    assert steps[0].node is x


def test_a_long_sum_is_one_step():
    terms = [mg.parameter(k * 1.0, f"w{k}") for k in range(60)]
    (step,) = (step for step in steps_of(sum(terms[1:], terms[0]).named("J")) if step.node.op is not None)
    assert [edge.source for edge in step.edges] == terms
    many = [mg.parameter(1.0, f"w{k}") for k in range(3 * MOST_ADDED)]
    assert max(len(step.edges) for step in steps_of(sum(many[1:], many[0]).named("J"))) == MOST_ADDED + 1
    products = [mg.parameter(1.0, f"w{k}") * 2 for k in range(60)]
    steps = steps_of(sum(products[1:], products[0]).named("J"))
    assert max(len(step.edges) for step in steps) <= 2 * MOST_FOLDED, "of other things a formula holds few"


def test_what_another_group_computes_is_not_folded_into_this_one():
    x = mg.parameter(2.0, "x")
    with mg.group("one"):
        inner = mg.exp(x)
    with mg.group("two"):
        y = (inner * 2).named("y")
    assert list(texts(mg.draw(y))) == ["x", "s₁ = exp(x)", "y = s₁·2"]


def test_the_root_is_a_loss_if_it_is_one_its_mean_or_one_with_a_penalty(layer):
    a, y = mg.parameter(0.5, "a"), mg.data(1.0, "y")
    looks = {
        node: mg.draw(node).view.boxes[-1].look
        for node in (layer, mg.bce(a, y), 3 * mg.bce(a, y), 3 * a, a, mg.bce(a, y) + a * a)
    }
    assert list(looks.values()) == [Look.LOSS, Look.LOSS, Look.LOSS, Look.OUTPUT, Look.PARAMETER, Look.LOSS]


def test_operations_are_numbered_as_the_pass_visits_them(layer):
    forward = {box.rows[0].text[:2]: box.number for box in mg.draw(layer).view.boxes}
    backward = {box.rows[0].text[:2]: box.number for box in mg.draw(layer, "backward").view.boxes}
    assert (forward["Z₁"], forward["A₁"], forward["J "], forward["X"]) == (1, 2, 3, None)
    assert (backward["Z₁"], backward["A₁"], backward["J "], backward["W₁"]) == (3, 2, 1, None)


def test_what_has_no_gradient_says_so_and_is_never_0():
    a, b, x = mg.parameter(2.0, "a"), mg.parameter(3.0, "b"), mg.data(1.0, "x")
    J = (a * x + mg.sign(b)).named("J")
    diagram = mg.draw(J, "backward")
    assert texts(diagram) == {
        "a": ["∂J/∂a = 1"],
        "b": ["∂J/∂b: nothing flows here"],
        "x": ["no gradient"],
        "J = a·x + sign(b)": ["∂J/∂J = 1 (seed)"],
    }
    assert [box.idle for box in diagram.view.boxes] == [False, True, True, False]


def test_a_dead_gradient_is_0_and_says_it_is():
    a = mg.parameter(-1.0, "a")
    assert texts(mg.draw(mg.relu(a).named("J"), "backward"))["a"] == ["∂J/∂a = 0"]


def test_values_can_be_left_out_and_then_nothing_is_computed():
    a = mg.parameter(-1.0, "a")
    J = mg.log(mg.bce(a, mg.data(1.0, "y"))).named("J")  # reading its value would raise: a is no probability
    diagram = mg.draw(J, "backward", values=False)
    assert texts(diagram)["a"] == ["∂J/∂a"]
    assert edges(diagram)["a → J"][0].startswith("∂J/∂a = ")


def test_negative_factors_and_local_derivatives():
    x, y = mg.parameter(2.0, "x"), mg.parameter(-3.0, "y")
    J = (5 - x * y).named("J")
    assert edges(mg.draw(J, "backward")) == {
        "x → J": ["∂J/∂x = −y = 3", "1 × 3 = 3"],
        "y → J": ["∂J/∂y = −x = −2", "1 × (−2) = −2"],
    }


def test_a_seed_of_the_users_is_not_left_out():
    Z = mg.parameter([1.0, 2.0], "Z")
    backward_pass = mg.backward((Z * Z).named("y"), seed=[1.0, 3.0])
    diagram = mg.draw(backward_pass, "backward")
    assert edges(diagram)["Z → y"] == ["∂y/∂y ⊙ Z"]
    assert texts(diagram)["Z"] == ["2", "∂y/∂Z = [1 6] + [1 6] = [2 12]"]
    assert texts(diagram)["y = Z ⊙ Z"] == ["2", "∂y/∂y = [1 3] (seed)"]


def test_many_contributions_are_counted():
    x = mg.parameter(2.0, "x")
    W = mg.parameter(np.ones((3, 3)), "W")
    J = (x + x + x + x + x).named("J")
    assert texts(mg.draw(J, "backward"))["x"] == ["∂J/∂x = 5", "sum of 5 contributions"]
    J = (W * W).sum().named("J")
    assert texts(mg.draw(J, "backward"))["W"] == ["3×3", "‖∂J/∂W‖ = 6", "sum of 2 contributions"]


def test_long_sums_of_arrays_are_counted_too():
    w = mg.parameter([0.123, 0.234, -0.345, 0.456], "w")
    J = (w * w).sum().named("J")
    assert texts(mg.draw(J, "backward"))["w"] == ["4", "∂J/∂w = [0.246 0.468 −0.69 0.912]", "sum of 2 contributions"]


def test_a_gradient_is_drawn_like_any_graph():
    x = mg.parameter(2.0, "x")
    slope = mg.grad((x**3).named("J"), x)
    diagram = mg.draw(slope, "backward")
    assert texts(diagram)["x"] == ["∂g/∂x = 12"]
    assert list(texts(mg.draw(slope))) == ["x", "g = 3x²"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("∂abcdefgh/∂ijklmnopq = 1.5", ["∂abcdefgh/∂ijklmnopq", "= 1.5"]),
        ("∂abcdefg/∂ijklmno = 1.5", ["∂abcdefg/∂ijklmno", "= 1.5"]),
        ("abc ∂abcdef/∂ijklm = 1.5", ["abc", "∂abcdef/∂ijklm =", "1.5"]),
        ("abc = 1.5 + 2.5 = 3.5e100000000000", ["abc =", "1.5 + 2.5", "= 3.5e100000000000"]),
        ("= [0.123456789012345678]", ["= [0.123456789012345678]"]),
        ("y = [0.12345 0.67890] = 3", ["y =", "[0.12345 0.67890]", "= 3"]),
    ],
)
def test_an_equals_sign_never_stands_on_a_line_by_itself(text, expected):
    assert lines(text, 17, 100) == expected


@pytest.mark.parametrize(
    ("make", "sign"),
    [
        (lambda x: x + x, "+"), (lambda x: 3 * x, "×3"), (lambda x: x * 3, "×3"), (lambda x: 1 - x, "1 −"),
        (lambda x: x**2, "x²"), (lambda x: -x, "−x"), (mg.sigmoid, "σ"), (abs, "|x|"), (mg.sqrt, "√(x)"), (mg.sum, "sum"),
        (lambda x: mg.maximum(x, 0.0), "max"), (lambda x: mg.reshape(x, 1) @ [2.0], "matmul"), (lambda x: x / x, "/"),
    ],
)  # fmt: skip
def test_the_sign_in_the_circle(make, sign):
    y = make(mg.parameter(2.0, "x"))
    boxes = mg.draw(y, style="circuit").view.boxes
    assert boxes[-2].rows[0].text == sign


def test_the_data_path_is_straight_and_parameters_stand_beside_it(layer):
    view = mg.draw(layer, "backward").view
    layout = lay_out(view)
    names = {box.id: box.rows[0].text.split(" = ")[0] for box in view.boxes}
    assert [names[box] for box in layout.main] == ["J", "A₁", "Z₁", "X"]
    assert {names[box]: side for box, side in layout.sides.items()} == {"W₁": 0, "b₁": 1}
    assert (layout.rankdir, lay_out(mg.draw(layer).view).rankdir, lay_out(view, "LR").rankdir) == ("TB", "LR", "LR")


def test_long_chains_run_down():
    x = mg.parameter(0.5, "x")
    for number in range(20):
        x = mg.tanh(x).named(f"h{number}")
    assert lay_out(mg.draw(x).view).rankdir == "TB"


def test_a_chain_that_would_be_too_wide_runs_down():
    assert lay_out(mg.draw(gallery.recurrent_unit(), "backward").view).rankdir == "TB"
    assert lay_out(mg.draw(gallery.one_hidden_layer()).view).rankdir == "LR", "on a page of this width it fits"
    for J, width in ((gallery.five_layers(), 600), (gallery.recurrent_net(), 700)):
        forward = mg.draw(J)
        assert lay_out(forward.view).rankdir == "TB" and size_of(forward.svg)[0] < width
    width, _ = size_of(mg.draw(gallery.recurrent_unit(), "backward").svg)
    assert width < 1800


def test_long_names_do_not_make_wide_boxes():
    width, _ = size_of(mg.draw(gallery.long_names(), "backward").svg)
    assert width < 1200
    assert lines("∂what_the_customer_has_t…/∂price_of_the_basket_bef… = 0.9", 22, 200) == [
        "∂what_the_customer_has_t…", "/∂price_of_the_basket_bef…", "= 0.9",
    ]  # fmt: skip
    assert lines("discount for customers …", 22, 48) == ["discount for", "customers …"]


def test_a_short_graph_is_written_out_in_the_title():
    a, b = mg.parameter(1.0, "a"), mg.parameter(2.0, "b")
    c = (a + b).named("c")
    J = (c * c).named("J")
    assert mg.draw(J).view.title == "Forward pass   J = (a + b)(a + b)"
    assert mg.draw(J, "both").view.title == "Forward and backward pass   J = (a + b)(a + b)"
    assert mg.draw(J, title="Mine").view.title == "Mine"
    assert mg.draw(a).view.title == "Forward pass of a"


def test_a_title_that_would_be_long_only_names_the_root():
    names = [mg.parameter(1.0, f"a_rather_long_name_{i}") for i in range(4)]
    J = (names[0] + names[1] + names[2] + names[3]).named("J")
    assert mg.draw(J).view.title == "Forward pass of J"


def test_a_wire_without_numbers_or_gradient():
    x, y = mg.parameter(2.0, "x"), mg.data(3.0, "y")
    J = (x * y).named("J")
    assert all(edge.rows == () for edge in mg.draw(J, "both", style="circuit", values=False).view.edges)
    wires = {edge.tail: [row.text for row in edge.rows] for edge in mg.draw(J, "backward", style="circuit").view.edges}
    assert wires == {"n0": ["3"], "n1": [], "n2": ["1"]}


def test_the_latest_steps_are_kept_with_what_they_read():
    x = mg.parameter(0.5, "x")
    steps = steps_of(mg.tanh(mg.tanh(x).named("h")).named("y"))
    assert [step.node.name for step in latest(steps, 2)] == ["h", "y"]
    assert [len(step.edges) for step in latest(steps, 2)] == [0, 1]
    assert latest(steps, 3) == steps


def test_numbers_on_an_edge_are_never_clipped():
    v, w = mg.parameter(0.2, "a_rather_long_name_1"), mg.parameter(0.3, "another_rather_long_name")
    J = (mg.exp(v * w + v * v * w * w - w) * v * v * w * w - w).named("J_with_a_long_name_too")
    diagram = mg.draw(J, "backward")
    edges = read_svg(diagram.svg).edges
    for edge in diagram.view.edges:
        local, carried = edge.rows
        slope = local.text.rpartition(" = ")[2]
        assert edges[edge.id][-1] == carried.text == f"1 × {f'({slope})' if slope[0] == '−' else slope} = {slope}"
        assert edges[edge.id][-2].endswith(slope), "and the formula before it is"
    assert "…" in "".join(edges["e0_2_0"])


def test_parameters_of_siblings_stand_above_their_steps():
    X = mg.data(np.ones((2, 3)), "X")
    Q, K = ((mg.parameter(np.ones((2, 2)), f"W{name}") @ X).named(name) for name in "QK")
    layout = lay_out(mg.draw((K.T @ Q).sum().named("J"), "backward").view)
    assert layout.sides == {}
    one = lay_out(mg.draw((Q * 2).sum().named("J"), "backward").view)
    assert len(one.sides) == 1
