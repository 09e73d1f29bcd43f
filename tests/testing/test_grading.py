"""`grade`: points, reasons and JSON for gradients of one graph; whatever is handed in."""

import json

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing import Grade, Mark, grade


@pytest.fixture
def net():
    generator = np.random.default_rng(0)
    X, Y = mg.data(generator.normal(size=(3, 6)), "X"), mg.data([[0, 1, 1, 0, 1, 0]], "Y")
    W, b = mg.parameter(generator.normal(size=(1, 3)), "W"), mg.parameter([[0.5]], "b")
    Z = (W @ X + b).named("Z")
    return mg.bce(mg.sigmoid(Z).named("A"), Y).mean().named("J")


@pytest.fixture
def right(net):
    dW, db = mg.grad(net, [node for node in leaves(net) if node.name in "Wb"])
    return {"dW": dW.value, "db": db.value}


def leaves(J):
    found = {}
    waiting = [J]
    while waiting:
        node = waiting.pop()
        found.setdefault(node.number, node)
        waiting += node.inputs
    return [found[number] for number in sorted(found) if not found[number].inputs and found[number].name]


def test_all_right(net, right):
    found = grade(net, right)
    assert isinstance(found, Grade) and found and found.ok
    assert (found.points, found.of, list(found), len(found)) == (2, 2, ["dW", "db"], 2)
    assert str(found) == "✓ Gradients handed in: 2 of 2 points.\n✓ dW, db: 2 of 2"
    assert found["dW"].reason == () and bool(found["dW"])


def test_points_and_the_diagnosis(net, right):
    found = grade(net, {"dW": 6 * right["dW"], "db": right["db"]}, {"dW": 2, "b": 0.5})
    assert (found.points, found.of, found.ok) == (0.5, 2.5, False)
    mark = found["dW"]
    assert isinstance(mark, Mark) and not mark and (mark.points, mark.of, mark.where, mark.smallest) == (0, 2, "", None)
    assert mark.diagnoses == mg.compare(net, {"dW": 6 * right["dW"]})["dW"].diagnoses
    lines = str(found).splitlines()
    assert lines[:2] == ["✗ Gradients handed in: 0.5 of 2.5 points.", "✗ dW: 0 of 2"]
    assert lines[2].startswith("    Diagnosis: it is 6 times the right one: 6 is the number")
    assert lines[3].startswith("    The largest difference is at entry [0, ")
    assert lines[4:] == ["✓ db: 0.5 of 0.5"]
    assert str(mark).splitlines() == lines[1:4]
    with pytest.raises(KeyError):
        found["dX"]


def test_several_diagnoses_are_listed():
    several = Mark("dx", False, 0, 1, diagnoses=("one.", "two."), evidence="it is off")
    assert several.reason == ("Each of these would give exactly this:", "  - one.", "  - two.", "It is off.")
    assert Mark("dx", False, 0, 1, diagnoses=(), evidence="it is off").reason == ("It is off.",)


def test_one_number_is_shared_equally(net, right):
    found = grade(net, right, 5)
    assert [mark.of for mark in found.values()] == [2.5, 2.5] and found.points == 5
    x = [mg.parameter(float(k), f"x{k}") for k in (1, 2, 3)]
    assert grade(x[0] + x[1] + x[2], {}, 1).of == 1


def test_points_may_be_for_any_node_with_a_name(net):
    nodes = {node.name: node for node in [net.inputs[0].inputs[0]]}
    dA = mg.grad(net, nodes["A"]).value
    assert grade(net, {"dA": dA}, {"dA": 1}).ok
    assert grade(net, {nodes["A"]: dA}, {nodes["A"]: 1}).ok
    assert list(grade(net, {}, {nodes["A"]: 1})) == ["dA"]


def test_in_the_form_of_lecture_notes_1_m_is_in_the_gradients_of_parameters_only(net, right):
    Z = net.inputs[0].inputs[0].inputs[0]
    dZ = 6 * mg.grad(net, Z).value
    assert grade(net, right | {"dZ": dZ}, {"dZ": 1, "dW": 1}).ok
    assert not grade(net, right | {"dZ": dZ}, {"dZ": 1})["dZ"].ok, "alone it is ∂J/∂Z that is asked for"
    assert not grade(net, right | {"dZ": dZ, "dW": 6 * right["dW"]}, {"dZ": 1, "dW": 1})["dZ"].ok


@pytest.mark.parametrize(
    ("handed_in", "why"),
    [
        ({}, "it is missing: there is no db, but nothing."),
        ({"dw": 1, "dB": 2}, "it is missing: there is no db, but dw, dB. Write db for dB: capitals count."),
        ({"db": None}, "it is None, and an array of shape (1, 1) is asked for."),
        ({"db": mg.data([[1.0]])}, "it is a node of a graph: hand in its value, an array."),
        ({"db": "0.5"}, "it is not an array of numbers: values of dtype <U3 are refused."),
        ({"db": [[1], [2, 3]]}, "it is not a regular array of numbers (its parts"),
        ({"db": 1j}, "it is not an array of numbers: values of dtype complex128 are refused."),
        ({"db": {}}, "it is not an array of numbers: values of type dict are refused."),
    ],
)
def test_what_is_no_gradient_has_no_points_and_a_reason(net, handed_in, why):
    found = grade(net, handed_in)
    assert found.points == 0
    assert found["db"].diagnoses[0].startswith(why)


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ([[np.nan]], "at entry [0, 0]: its value is NaN, which is not finite"),
        ([[-np.inf]], "at entry [0, 0]: its value is −∞, which is not finite"),
        (np.ones((2, 1)), "its shape is (2, 1), and (1, 1) is right, that of the node itself"),
        (np.ones((0, 1)), "its shape is (0, 1), and (1, 1) is right, that of the node itself"),
    ],
)
def test_what_is_wrong_is_shown(net, value, evidence):
    assert grade(net, {"db": value})["db"].evidence == evidence


def test_json_is_what_grading_systems_read(net, right):
    found = grade(net, {"dW": 6 * right["dW"], "db": right["db"]}, {"dW": 2, "db": 0.5})
    read = json.loads(found.json())
    assert set(read) == {"score", "output", "tests"}
    assert (read["score"], read["output"]) == (0.5, "Gradients handed in")
    wrong, good = read["tests"]
    assert (good["name"], good["score"], good["max_score"], good["status"], good["output"]) == ("db", 0.5, 0.5, "passed", "")
    assert (wrong["score"], wrong["max_score"], wrong["status"]) == (0, 2, "failed")
    assert wrong["output"] == "\n".join(found["dW"].reason)
    assert wrong["extra_data"] == {"diagnoses": list(found["dW"].diagnoses), "where": "", "smallest": None}


@pytest.mark.parametrize(
    ("points", "error", "words"),
    [
        ({"dWW": 1}, ValueError, r"^points: 'dWW' names no node of J. There are .*W.* Did you mean 'W'\?$"),
        ({"dW": -1}, ValueError, "^points of W are below 0"),
        ({"dW": "two"}, TypeError, "points of 'dW'"),
        ("ten", TypeError, "points"),
        ({}, ValueError, "depends on no parameter with a name"),
    ],
)
def test_points_that_mean_nothing_are_refused(net, points, error, words):
    with pytest.raises(error, match=words):
        grade(net, {}, points)


def test_a_graph_without_parameters_and_what_is_no_dict_are_refused(net):
    with pytest.raises(ValueError, match="depends on no parameter with a name"):
        grade(mg.square(mg.data(2.0, "x")), {})
    with pytest.raises(TypeError, match=r'a dict such as \{"dW1": dW1\}, not ndarray'):
        grade(net, np.ones(3))
    with pytest.raises(TypeError, match="grade: the first argument is a node"):
        grade(3, {})


def test_names_with_markup_come_out_as_themselves():
    w = mg.parameter(2.0, '</script>"; }')
    found = grade(mg.square(w), {w: 5.0})
    assert json.loads(found.json())["tests"][0]["name"] == 'd</script>"; }'
    assert 'd</script>"; }: 0 of 1' in str(found)
