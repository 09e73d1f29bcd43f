"""Groups: frames around their steps, and one box for each with `level="groups"`."""

import numpy as np
import pytest
from figures import edges, read_svg, texts

import minigraph as mg
from minigraph.formulas.spelling import as_drawn
from minigraph.reading.numbers import norm_text


def test_groups_are_frames_and_parameters_go_where_they_are_used(layer):
    view = mg.draw(layer).view
    assert [frame.title for frame in view.frames] == ["Layer 1 · sigmoid · 2 → 1"]
    assert [box.frame for box in view.boxes] == [None, "g0", "g0", "g0", "g0", None, None]


def test_frames_nest():
    x = mg.parameter(1.0, "x")
    with mg.group("outer"), mg.group("inner"):
        y = mg.exp(x).named("y")
    view = mg.draw(y).view
    assert [(frame.id, frame.title, frame.parent) for frame in view.frames] == [("g0", "outer", None), ("g1", "inner", "g0")]
    assert mg.draw(y, level="groups").view.boxes[0].rows[0].text == "outer"


def test_one_box_a_group(layer):
    diagram = mg.draw(layer, "backward", level="groups")
    A = diagram.view.boxes[1]
    assert [row.text for row in A.rows][:3] == ["Layer 1", "sigmoid · 2 → 1", "3 parameters"]
    assert [row.text.partition(" = ")[0] for row in A.rows[3:]] == ["‖∂J/∂W₁‖", "∂J/∂b₁"]
    assert edges(diagram)["Layer 1 → J"][0] == "∂J/∂A₁"
    assert edges(mg.draw(layer, "forward", level="groups")) == {
        "X → Layer 1": ["X 2×3"],
        "Layer 1 → J": ["A₁ 1×3"],
        "Y → J": ["Y 1×3"],
    }
    assert mg.draw(layer, "both", level="groups", values=False).view.boxes[1].rows[-1].text == "3 parameters"


def test_a_group_without_parameters():
    x = mg.data(1.0, "x")
    with mg.group("squaring"):
        y = mg.square(x).named("y")
    J = (3 * y).named("J")
    assert [row.text for row in mg.draw(J, level="groups").view.boxes[1].rows] == ["squaring"]


def test_a_group_with_many_parameters_or_the_root_in_it():
    with mg.group("all"):
        total = mg.sign(mg.parameter(1.0, "q"))
        for number in range(5):
            total = total + mg.parameter(float(number), f"p{number}")
        J = total.named("J")
    rows = [row.text for row in mg.draw(J, "both", level="groups").view.boxes[0].rows]
    assert rows[:3] == ["all", "6 parameters", "∂J/∂q: nothing flows here"]
    assert rows[-3:] == ["and 2 more", "J = 11", "∂J/∂J = 1 (seed)"]


def test_a_group_with_the_root_in_it_says_its_value_only_among_values():
    w = mg.parameter(3.0, "w")
    with mg.group("Cost"):
        J = (w * w).named("J")
    (with_values,), (without,) = (mg.draw(J, "both", level="groups", values=shown).view.boxes for shown in (True, False))
    assert [row.text for row in with_values.rows] == ["Cost", "1 parameter", "∂J/∂w = 6", "J = 9", "∂J/∂J = 1 (seed)"]
    assert [row.text for row in without.rows] == ["Cost", "1 parameter", "∂J/∂J"]


def test_a_group_brings_its_part_of_the_gradient_of_a_shared_parameter():
    w, x = mg.parameter(2.0, "w"), mg.data(3.0, "x")
    with mg.group("t=1"):
        h = (w * -x).named("h1")
    with mg.group("t=2"):
        h = (w * h).named("h2")
    diagram = mg.draw((h * 1).named("J"), "backward", level="groups")
    assert texts(diagram)["w"] == ["∂J/∂w = −6 + (−6) = −12"]
    assert edges(diagram) == {
        "w → t=1": ["part of ∂J/∂w", "= −6"],
        "x → t=1": [],
        "w → t=2": ["part of ∂J/∂w", "= −6"],
        "t=1 → t=2": ["∂J/∂h₁", "= 2"],
        "t=2 → J": ["∂J/∂h₂", "= 1"],
    }


@pytest.mark.parametrize("seed", range(8))
def test_what_groups_bring_for_shared_nodes_is_what_the_ledger_says(seed):
    random = np.random.default_rng(seed)
    shared = [mg.parameter(random.normal(size=(3, 3)), name) for name in "UVW"]
    state = mg.parameter(random.normal(size=(3, 3)), "s0")
    states = [state]
    for number in range(1, 5):
        with mg.group(f"t={number}"):
            for _ in range(random.integers(1, 4)):
                state = mg.tanh(shared[random.integers(3)] @ state + states[random.integers(len(states))])
            state.named(f"s{number}")
        states.append(state)
    J = mg.sum(state * states[2]).named("J")
    expected = {}
    for line in mg.backward(J).ledger:
        head = line.consumer.group.title if line.consumer.group else "J"
        tail = line.input.group.title if line.input.group else "J"
        if line.input in [*shared, *states] and head != tail:
            expected.setdefault((line.input.name, head), []).append(line)
    found = 0
    view = mg.draw(J, "backward", level="groups").view
    title = {box.id: box.rows[0].text.split(" = ")[0] for box in view.boxes}
    named = {f"∂J/∂{as_drawn(node.name)}": node.name for node in [*shared, *states]}
    for edge in view.edges:
        if edge.rows:
            name, said = (row.text for row in edge.rows)
            lines = expected[named[name.removeprefix("part of ")], title[edge.head]]
            total = sum(line.contribution.value for line in lines)
            assert said == f"‖·‖ = {norm_text(total)}"
            assert name.startswith("part of ") == (len(lines) < len(lines[0].arrivals))
            found += 1
    assert found >= 4


def test_a_gradient_that_its_box_tells_is_not_told_again_on_the_edge():
    W, x = mg.parameter([[1.0, 2.0, 3.0]], "Wo"), mg.data([[1.0], [1.0], [2.0]], "x")
    with mg.group("hidden"):
        h = mg.exp(x * mg.parameter(1.0, "k")).named("h")
    y = (W @ h).named("y")
    diagram = mg.draw(mg.sum(y * y).named("J"), "backward", level="groups")
    assert edges(diagram)["Wo → y"] == edges(diagram)["y → J"] == []
    assert edges(diagram)["hidden → y"][0] == "∂J/∂h"
    picture = read_svg(diagram.svg)
    assert sum("∂J/∂Wo" in text for text in picture.texts) == 1


def test_a_group_that_no_gradient_flows_through_brings_none():
    w = mg.parameter(2.0, "w")
    with mg.group("stops"):
        a = mg.sign(w).named("a")
    with mg.group("passes"):
        b = (w * 5).named("b")
    said = edges(mg.draw((a * b).named("J"), "backward", level="groups"))
    assert said["w → stops"] == said["w → passes"] == []
