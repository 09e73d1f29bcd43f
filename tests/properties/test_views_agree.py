"""All views call every node and every derivative alike, and write every number alike."""

import json
import re

import numpy as np
import pytest
from hypothesis import given

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.drawing import diagram
from minigraph.drawing.scene import Direction
from minigraph.formulas.spelling import as_drawn
from minigraph.pages.step_page import stages
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import LONGEST_NAME, Names
from minigraph.reading.numbers import DIGITS, norm_text, rounded, written_out
from minigraph.reading.steps import steps_of
from minigraph.testing import graphs

NUMBER = re.compile(r"(?<![\w₀-₉.])\(?−?\d[\d.]*(?:e−?\d+)?")


def shared():
    """The step s is used three times: it was s1 in explanations and s₂ in pictures."""
    a, b, c = mg.parameter(2.0, "a"), mg.parameter(3.0, "b"), mg.parameter(1.0, "c")
    s = a * b
    t = s + c
    return (s * t + mg.sigmoid(t) * s).named("J")


def grouped():
    """An unnamed step is used once, but in another group."""
    x = mg.parameter(2.0, "x")
    with mg.group("one"):
        inner = mg.exp(x)
    with mg.group("two"):
        return (inner * 2 + x).named("J")


def equal_names():
    a, other = mg.parameter(2.0, "a"), mg.parameter(3.0, "a")
    s = a * other
    return (s * s + mg.data(4.0)).named("J")


def alike_in_pictures():
    """W1 and W₁; and two names that differ after the 24th character only, which pictures alone tell apart by a number."""
    long = "a name that is longer than a picture has room for"
    values = {"W1": 2.0, "W₁": 3.0, f"{long} 1": 4.0, f"{long} 2": 5.0}
    a, b, c, d = (mg.parameter(value, name) for name, value in values.items())
    return (a * b * c * d).named("J")


def made_up_names_of_others():
    s1 = mg.parameter(2.0, "s1")
    s = s1 * 3
    t = mg.exp(s * 0.1)
    return s * t * t + mg.parameter(1.0, "output")


def without_any_name():
    x, y = mg.parameter(2.0), mg.data([1.0, 2.0])
    s = x * y
    return mg.sum(s * s) / 7


def of_arrays():
    X, W = mg.data(np.arange(6.0).reshape(2, 3) / 7, "X"), mg.parameter(np.array([[0.3, -0.7]]) / 3, "W1")
    b = mg.parameter([[1 / 3]], "b1")
    Z = W @ X + b
    return mg.mean(mg.tanh(Z) * Z).named("J")


def second_derivative():
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    return mg.grad((a * a * b * mg.exp(a * b / 6)).named("J"), a)


def one_long_chain():
    """More operations without names than a step holds."""
    x = y = mg.parameter(0.5, "x")
    for _ in range(40):
        y = mg.tanh(y)
    return (y + x).named("J")


EXAMPLES = [
    shared, grouped, equal_names, alike_in_pictures, made_up_names_of_others, without_any_name, of_arrays, second_derivative,
    one_long_chain,
]  # fmt: skip


@pytest.mark.parametrize("build", EXAMPLES)
@pytest.mark.filterwarnings("ignore::minigraph.GraphWarning")
def test_views_of_graphs_that_were_read_in_two_ways_agree(build):
    check_views(build())


@given(graphs())
def test_views_of_random_graphs_agree(graph):
    check_views(graph.root)


def drawn(names, node):
    """A name as a picture writes it."""
    return as_drawn(clipped(names)[node])


@given(graphs(max_operations=5))
def test_views_of_gradients_of_random_graphs_agree(graph):
    J = graph.root.named("J") if graph.root.name is None else graph.root
    gradient = mg.grad(J, graph.parameters[0], allow_unused=True)
    if any(node.role == "parameter" for node in ancestors([readable(mg.sum(gradient))])):
        check_views(mg.sum(gradient))


@given(graphs(max_operations=5))
def test_what_is_shown_of_a_gradient_has_its_value(graph):
    gradient = mg.grad(graph.root, graph.parameters[0], allow_unused=True)
    shown = readable(gradient)
    assert (shown.shape, shown.dtype, shown.name) == (gradient.shape, gradient.dtype, gradient.name)
    np.testing.assert_allclose(shown.value, gradient.value, rtol=1e-9, atol=1e-12)
    assert readable(shown) is shown, "what is simple stays as it is"


def check_views(J):
    """Of gradients the simpler graph is shown; its names are short."""
    J = readable(J)
    names = Names(J)
    backward_pass = mg.backward(J)
    steps = [step.node for step in steps_of(J)]
    reached = [node for node in steps if node in backward_pass.gradients]
    assert len({names[node] for node in steps if node.role != "literal"}) == sum(node.role != "literal" for node in steps)

    check_picture(mg.draw(backward_pass, "both"), names, steps, backward_pass)
    check_page(J, backward_pass, names, steps)
    check_table(backward_pass, names, reached)
    check_pass_in_words(backward_pass, names, reached)
    below = [node for node in backward_pass.gradients if node is not J]
    for node in [*below[:2], *below[2 : -1 : 1 + len(below) // 4], *below[-1:]]:
        check_one_node(J, node, backward_pass, names)


def check_picture(picture, names, steps, backward_pass):
    """Boxes are the steps, in order, under their names; their gradients have the names and numbers that text has."""
    boxes = [box for box in picture.view.boxes if not box.stands_for]  # a tag repeats the name of another box
    assert [box.node for box in boxes] == steps
    for box in boxes:
        rows = [row.text for row in box.rows]
        assert rows[0].partition(" = ")[0] == drawn(names, box.node)
        gradient = backward_pass.gradients.get(box.node)
        if gradient is not None:
            told = next(row for row in rows[1:] if "∂" in row)
            value = gradient.value
            number = written_out(value, entries=4)
            assert told.partition(" = ")[0].strip("‖") == as_drawn(clipped(names).gradient(box.node).name)
            assert told.removesuffix(" (seed)").rpartition(" = ")[2] == (norm_text(value) if number is None else number)


def clipped(names):
    return names.clipped(LONGEST_NAME)


def check_page(J, backward_pass, names, steps):
    """The sentences of the page are about the same steps."""
    scene = diagram.make_scene(backward_pass, steps_of(J), Direction.PAGE, "test", title=None)
    told = stages(scene)
    json.dumps([stage.say for stage in told])
    operations = [node for node in steps if node.op is not None]
    forward = [stage.say for stage in told if stage.phase == "forward"][1:]
    assert [say.partition(" = ")[0].partition(" is ")[0] for say in forward] == [drawn(names, node) for node in operations]
    for stage in told:
        if stage.phase == "backward":
            name = stage.say.partition(" gets ")[0].rpartition(": ")[2]
            assert name in {as_drawn(clipped(names).gradient(node).name) for node in steps}


def check_table(backward_pass, names, reached):
    """The table of a pass names steps as pictures do, and what is folded by its formula."""
    lines = str(backward_pass).splitlines()
    start = f"it starts with {names.gradient(backward_pass.root).name} = "
    assert start in lines[0] and lines[0].startswith(f"Backward pass from {names[backward_pass.root]}: ")
    for number, line in enumerate(backward_pass, start=1):
        row = next((row for row in lines if row.startswith(f"{number} ")), None)
        if row is not None:
            assert names.of(line.consumer) in row and names.of(line.input) in row
    met = {word for row in lines for word in re.findall(r"\bs\d+\b", row)}
    explained = {row.split()[1] for row in lines if row.startswith("where ")}
    made_up = {names[node] for node in names if node.name is None and node.op is not None and node is not backward_pass.root}
    assert met & made_up <= explained or len(explained) == 8


def check_pass_in_words(backward_pass, names, reached):
    """The pass in words visits the steps that are boxes, under their names, with their numbers."""
    text = mg.explain(backward_pass)
    visited = re.findall(r"^\d+\. (.*?): (?:ready|the start)", str(text), re.MULTILINE)
    in_order = [node for node in backward_pass.gradients if node in set(reached)]
    if "more nodes …" not in str(text):
        assert visited == [names[node] for node in in_order]
    for node in in_order[1:]:
        if node.shape == () and f" {names[node]}: ready" in str(text):
            number = rounded(backward_pass.gradients[node].value)
            told = [line.strip() for line in str(text).splitlines()]
            own = [line for line in told if line.startswith(f"{names.gradient(node).name} ")]
            equal = [line.removeprefix("= ") for line in told if line.startswith("= ")]
            assert any(line.endswith(f" {number}") for line in own) or number in equal


def check_one_node(J, node, backward_pass, names):
    """explain, nudge and compare of one node call it, and all on the way, as the picture does."""
    own = Names(J, [node])
    assert all(own[x] == names[x] for x in names), "a node that is asked for changes no name of others"
    name, value = own.of(node), backward_pass.gradients[node].value
    if node.op is None or node in names:
        assert name == names[node]
    text = str(mg.explain(backward_pass, node))
    assert own.gradient(node).name in text
    for x in re.findall(r"∂([^\s/∂()]+)/∂", text):
        assert any(x in known for known in (*own.values(), *own.key.values()))
    wrong = mg.compare(J, node, np.asarray(value) + 1) if np.all(np.isfinite(value)) else None
    if wrong is not None and wrong.right.shape == ():
        assert wrong.name == name
        assert re.search(rf"(?<!\S){re.escape(name)} is not right", str(wrong))
    if J.size == 1:
        told = str(mg.nudge(J, node)).splitlines()
        assert told[0].startswith(f"nudge: {name} + 0.001 moves {names[J]} by ")
        assert f"predicted: {own.gradient(node).name}" in "\n".join(told)
        if node.shape == ():
            assert f" {rounded(value, DIGITS)} × 0.001" in told[0]


def test_a_node_in_an_unfolded_picture_has_the_name_that_it_is_explained_by():
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    s = a + b
    inner = mg.exp(a * b / 6)
    J = (s * s + inner * b).named("J")
    names = {box.node: box.rows[0].text.partition(" = ")[0] for box in mg.draw(J, fold=False).view.boxes}
    for node in ancestors([J]):
        if node.op is not None:
            own = Names(J, [node])
            assert as_drawn(own[node]) == names[node]
            assert own.gradient(node).name in str(mg.explain(J, node))
    assert names[s] == "s₁", "steps come first, in the order of computation"


def test_steps_without_names_are_told_what_they_are_wherever_they_are_mentioned():
    J = shared()
    s = J.inputs[0].inputs[0]
    for text in (mg.explain(J), mg.explain(J, s), J.backward(), mg.nudge(J, s), mg.compare(J, s, 3.0)):
        assert "where s1 = ab" in str(text)
    assert "s1 is a scalar = ab" in str(mg.why_shape(J))


def test_health_calls_layers_and_units_by_their_names():
    x, w, v = mg.data(np.ones((1, 3)), "x"), mg.parameter([[-1.0]], "w"), mg.parameter([[1.0]], "v")
    hidden = mg.relu(w @ x)
    J = (v @ hidden * hidden).mean().named("J")
    assert "the only unit of s1 is off for all 3 examples" in str(mg.health(J))
    assert "where s1 = ReLU(w x)" in str(mg.health(J))
    assert "s₁ = ReLU(w x)" in {box.rows[0].text for box in mg.draw(J).view.boxes}
