"""The numbers in pictures: upstream × local = contribution, sums, the ledger, and finite differences."""

import re
from collections import Counter

import numpy as np
import pytest
from figures import CHAIN_RULE, number, read_svg
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.testing import graphs


def product_and_error(left, right):
    (a, da), (b, db) = left, right
    return a * b, abs(a) * db + abs(b) * da + da * db


def check_edges(picture, gradient_of):
    """Every edge between numbers: upstream times local is the contribution; the contributions at a box add up."""
    arrived = {}
    checked = 0
    for edge, rows in picture.edges.items():
        for row in rows:
            if found := CHAIN_RULE.match(row):
                upstream, local, contribution = map(number, found.groups())
                tail, head = picture.ends(edge)
                total, error = gradient_of[head]
                assert upstream[0] == pytest.approx(total, abs=upstream[1] + error)
                product, error = product_and_error(upstream, local)
                assert contribution[0] == pytest.approx(product, abs=contribution[1] + error)
                arrived.setdefault(tail, []).append(contribution)
                checked += 1
    arriving = Counter(picture.ends(edge)[0] for edge, rows in picture.edges.items() if rows)
    for box, contributions in arrived.items():
        if len(contributions) < arriving[box]:
            continue  # some come from arrays, whose edges say the linear map
        assert box in gradient_of, "what receives a contribution says its gradient"
        total, error = gradient_of[box]
        assert sum(value for value, _ in contributions) == pytest.approx(total, abs=error + sum(e for _, e in contributions))
    return checked


def words_of(rows):
    """What a box says of its gradient, without the remarks on where it comes from."""
    return re.sub(r" \(seed\)| sum of \d+ contributions$", "", " ".join(rows))


def gradients_said(picture):
    """For each box the number that it says for its gradient, scalars only."""
    said = {}
    for box, rows in picture.boxes.items():
        text = words_of(rows)
        if "‖" in text:
            continue
        if found := re.search(r"∂\S*/∂.* = ([^\[\]=]+)$", text):
            said[box] = number(found.group(1))
    return said


@given(graphs(), st.booleans())
def test_random_graphs_say_the_ledger_the_chain_rule_and_finite_differences(graph, fold):
    check_picture(graph.root, fold)


def used_often(value):
    """A graph whose gradient is a sum of too many contributions to write out."""
    w = mg.parameter(value, "w")
    return mg.sum(mg.square(w) + mg.tanh(w) + mg.exp(w) + w / (1 + mg.square(w)) + mg.sigmoid(w)).named("J")


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("value", [0.0625, [0.5, -0.25], [[0.5, 1.0, 0.25, 2.0, -1.5]]])
def test_sums_of_many_contributions_are_those_of_the_ledger(value, fold):
    check_picture(used_often(value), fold)


def check_picture(J, fold):
    backward_pass = mg.backward(J)
    diagram = mg.draw(backward_pass, "backward", fold=fold)
    picture = read_svg(diagram.svg)
    nodes = {box.id: box.node for box in diagram.view.boxes}
    exact = {box: backward_pass.gradient(node).value for box, node in nodes.items() if node in backward_pass.gradients}
    for box, (value, error) in gradients_said(picture).items():
        assert value == pytest.approx(np.asarray(exact[box]).item(), abs=error, rel=5.1e-4)
    check_edges(picture, {box: (float(value), 5.1e-4 * abs(value)) for box, value in exact.items() if np.ndim(value) == 0})
    for box, node in nodes.items():
        if box in exact and node.size <= 4 and node is not J:
            check_against_differences(J, node, words_of(picture.boxes[box]))


def check_against_differences(J, node, text):
    h = 1e-5
    slopes = np.zeros(node.shape)
    for index in np.ndindex(node.shape):
        nudged = [np.array(node.value, float) for _ in range(2)]
        nudged[0][index] += h
        nudged[1][index] -= h
        up, down = (float(mg.evaluate(J, given={node: value})) for value in nudged)
        slopes[index] = (up - down) / (2 * h)
    close = 1e-5 * (1 + abs(float(J.value)))
    if found := re.search(r"‖∂\S*‖ = (\S+)", text):
        assert number(found.group(1))[0] == pytest.approx(np.linalg.norm(slopes), rel=6e-3, abs=close)
    elif found := re.search(r"∂\S*/∂\S*.*?\[([^\]]*)\]$", text):
        said = [number(entry)[0] for entry in found.group(1).replace(";", " ").split()]
        np.testing.assert_allclose(said, slopes.ravel(), rtol=6e-3, atol=close)
    else:
        assert number(text.rpartition(" = ")[2])[0] == pytest.approx(slopes.item(), rel=1e-3, abs=close)


@pytest.mark.parametrize("options", [{}, {"fold": False}])
def test_the_chain_of_the_notes(options):
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    picture = read_svg(mg.draw((3 * (a + b * c)).named("J"), "backward", **options).svg)
    said = gradients_said(picture)
    assert {box: said[box][0] for box in ("n0", "n1", "n2")} == {"n0": 3, "n1": 6, "n2": 9}
    assert check_edges(picture, {box: (value, 0) for box, (value, _) in said.items()}) == (3 if not options else 5)


def test_a_path_that_is_taken_twice_is_counted_twice():
    x = mg.parameter(3.0, "x")
    picture = read_svg(mg.draw((x * x).named("J"), "backward").svg)
    assert picture.edges == {
        "e0_1_0": ["∂J/∂x (path 1 of 2) = x = 3", "1 × 3 = 3"],
        "e0_1_1": ["∂J/∂x (path 2 of 2) = x = 3", "1 × 3 = 3"],
    }
    assert picture.boxes["n0"] == ["x", "∂J/∂x = 3 + 3 = 6"]


def test_the_circuit_shows_what_each_wire_carries():
    x = mg.parameter(3.0, "x")
    picture = read_svg(mg.draw((x * x + 1).named("J"), "both", style="circuit").svg)
    assert picture.boxes["n0"] == ["x", "∂J/∂x = 3 + 3 = 6"]
    assert picture.edges["e0_1_0"] == picture.edges["e0_1_1"] == ["3", "3"]
    assert picture.edges["e2_3_0"] == ["10", "1"]
