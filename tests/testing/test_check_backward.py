"""`check_backward`: students' mistakes are found, named, and shown in the smallest net; nothing stops the grading."""

import json

import numpy as np
import pytest
from students import handed_in, one_hidden_layer

import minigraph as mg
from minigraph.testing import RandomNets, check_backward

ALL = ["dW1", "db1", "dW2", "db2"]
DZ1, DB1, DB2 = "np.dot(W2.T, dZ2)", "np.sum(dZ1, axis=1, keepdims=True) / m", "np.sum(dZ2, axis=1, keepdims=True) / m"
PLANTED = {
    # what is changed, what is then wrong, where, and the diagnosis ("" if it is none of those that can be named)
    "1/m forgotten in db2": (
        [(DB2, DB2[:-4])], ["db2"], "from m = 2 on",
        "it is m times the right one: m is the number of examples, so the factor 1/m of the mean is missing.",
    ),
    "1/m twice in dW1": (
        [("dZ1, X.T) / m", "dZ1, X.T) / m / m")], ["dW1"], "from m = 2 on",
        "it is 1/m of the right one: m is the number of examples, which it was divided by once too often.",
    ),
    "not summed": (
        [(DB1, "dZ1 / m")], ["db1"], "from m = 2 on",
        "the sum is missing: b1 (h, 1) was broadcast to (h, m), so its gradient is summed back.",
    ),
    "keepdims forgotten": (
        [(DB1, "np.sum(dZ1, axis=1) / m")], ["db1"], "in every net",
        "axis 1 was lost: sum with keepdims=True, so that the shape stays (h, 1).",
    ),
    "the derivative forgotten": (
        [(" * (1 - np.power(A1, 2))", "")], ["dW1", "db1"], "in every net", "the factor ∂A1/∂Z1 = 1 − A1² was forgotten.",
    ),
    "the wrong sign in dW2": (
        [("np.dot(dZ2, A1.T)", "-np.dot(dZ2, A1.T)")], ["dW2"], "in every net",
        "the sign is wrong: it is −1 times the right one.",
    ),
    "transposed": (
        [("np.dot(dZ1, X.T)", "np.dot(X, dZ1.T)")], ["dW1"], "from n = 2 or h = 2 on",
        "it is transposed: ∂J/∂W1 has the shape of W1.",
    ),
    "half": ([("np.dot(dZ2, A1.T)", "0.5 * np.dot(dZ2, A1.T)")], ["dW2"], "in every net", "it is half of the right one."),
    "h times too large": (
        [(DB2, "len(A1) * " + DB2)], ["db2"], "from h = 2 on", "every entry is h times the right one.",
    ),
    "W2 not transposed": (
        [("W2.T", "W2")], ALL, "from h = 2 on",
        "it raises ValueError: shapes (1,h) and (1,m) not aligned: h (dim 1) != 1 (dim 0), "
        "in line 9, `dZ1 = np.dot(W2, dZ2) * (1 - np.power(A1, 2))`.",
    ),
    "a name that is not there": (
        [("A2 - Y", "A3 - Y")], ALL, "in every net",
        "it raises NameError: name 'A3' is not defined, in line 6, `dZ2 = A3 - Y`.",
    ),
    "a key missing": (
        [('"db1": db1, ', "")], ["db1"], "in every net", "it is missing: there is no db1, but dW1, dW2, db2.",
    ),
    "summed over the wrong axis": ([(DB1, DB1.replace("axis=1", "axis=0"))], ["db1"], "from m = 2 or h = 2 on", None),
    "1 − A for 1 − A²": ([("np.power(A1, 2)", "A1")], ["dW1", "db1"], "in every net", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def nets():
    return one_hidden_layer()


def test_the_right_one_has_all_points_on_every_net(nets):
    found = check_backward(handed_in(), nets)
    assert found.ok and (found.points, found.of) == (4, 4)
    assert str(found) == "✓ backward: 4 of 4 points.\n✓ dW1, db1, dW2, db2: 4 of 4"
    assert found.remarks == ()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found_and_named(name, nets):
    changes, wrong, where, diagnosis = PLANTED[name]
    found = check_backward(handed_in(*changes), nets)
    assert [key for key, mark in found.items() if not mark] == wrong
    assert found.points == 4 - len(wrong)
    for key in wrong:
        assert found[key].where == where
        if diagnosis is not None:
            assert diagnosis in found[key].diagnoses
        else:
            assert found[key].evidence


def test_the_smallest_net_is_shown(nets):
    found = check_backward(handed_in((DB2, DB2[:-4])), nets)
    assert found["db2"].smallest == {"n": 1, "m": 2, "h": 1}
    line = str(found).splitlines()[-1]
    assert line.startswith(
        "    The smallest net that shows it: n = 1, m = 2, h = 1. The largest difference is at entry [0, 0]: "
    )
    assert json.loads(found.json())["tests"][3]["extra_data"]["smallest"] == {"n": 1, "m": 2, "h": 1}


def test_a_mistake_in_narrow_nets_only_is_found(nets):
    found = check_backward(handed_in((DB1, f"np.squeeze({DB1}).reshape(-1, 1) if m > 1 else 3 * {DB1}")), nets)
    assert found["db1"].where == "where m = 1"
    assert found["db1"].smallest == {"n": 1, "m": 1, "h": 1}
    found = check_backward(handed_in((DB1, f"{DB1} + (len(A1) == len(X))")), nets)
    assert found["db1"].where == "where n = h"


def test_what_has_no_words_is_counted(nets):
    found = check_backward(handed_in((DB1, f"{DB1} + (len(A1) + m == 3)")), nets)
    assert found["db1"].where.startswith("in ") and found["db1"].where.endswith(" nets")


def test_points(nets):
    found = check_backward(handed_in((DB2, DB2[:-4])), nets, {"dW1": 2, "db2": 3, "dW2": 0.5})
    assert (list(found), found.points, found.of) == (["dW1", "db2", "dW2"], 2.5, 5.5)
    assert check_backward(handed_in(), nets, 10).points == 10
    with pytest.raises(ValueError, match="points: 'dW3' names no node of these nets"):
        check_backward(handed_in(), nets, {"dW3": 1})


def test_intermediate_gradients_can_be_asked_for(nets):
    with_dZ1 = ("return {", 'return {"dZ1": dZ1 / m, ')
    assert check_backward(handed_in(with_dZ1), nets, {"dZ1": 1}).ok
    found = check_backward(handed_in(("return {", 'return {"dZ1": dZ1, ')), nets, {"dZ1": 1})
    assert "it is m times the right one" in found["dZ1"].diagnoses[0]


def test_in_the_form_of_lecture_notes_1_m_is_in_the_gradients_of_parameters_only(nets):
    as_notes = ("return {", 'return {"dZ1": dZ1, ')
    assert check_backward(handed_in(as_notes), nets, {"dZ1": 1, "dW1": 1}).ok
    found = check_backward(handed_in(as_notes, ("dZ1, X.T) / m", "dZ1, X.T)")), nets, {"dZ1": 1, "dW1": 1})
    assert found.points == 0, "without 1/m anywhere it is another form of nothing"
    twice = check_backward(handed_in(("return {", 'return {"dZ1": 2 * dZ1, ')), nets, {"dZ1": 1, "dW1": 1})
    assert (twice["dZ1"].ok, twice["dW1"].ok) == (False, True)


def test_a_loop_without_an_end_is_stopped_and_shown(nets):
    found = check_backward(handed_in(("    W2 =", "    while m:\n        pass\n    W2 =")), nets, time_limit=0.2)
    assert found.points == 0 and len({mark.reason for mark in found.values()}) == 1
    assert found["dW1"].diagnoses[0].startswith("it was stopped, since 0.2 s were over, in line ")
    assert found["dW1"].diagnoses[0].endswith(". Is there a loop without an end?")
    assert found["dW1"].where == "" and found["dW1"].smallest is None


def test_a_loop_that_begins_when_it_is_called_again_is_stopped_too():
    calls = []

    def backward(w):
        calls.append(1)
        while len(calls) > 2:  # the two draws of the only size are over
            pass
        return {"dw": 1.0}

    nets = RandomNets(lambda w: 2 * w, w="")
    found = check_backward(backward, nets, time_limit=0.2)
    assert "it was stopped" in found["dw"].diagnoses[0]


def test_a_net_without_sizes():
    nets = RandomNets(lambda w: w**2, w="")
    assert check_backward(lambda w: 2 * w, nets).ok
    found = check_backward(lambda w: 3 * w, nets)["dw"]
    assert (found.where, found.smallest) == ("", None)
    assert found.reason[0] == "Diagnosis: every entry is 1.5 times the right one."


def test_what_offers_random_nets_stands_for_them(nets):
    class Net:
        def random_nets(self):
            return nets

    assert check_backward(handed_in(), Net()).ok


def test_what_it_does_on_the_side_is_told(nets):
    found = check_backward(handed_in(("dZ2 = A2 - Y", "dZ2 = A2\n    dZ2 -= Y")), nets)
    assert found.ok and found.remarks == ("It changes A2 in place, which others still need: work on a copy.",)
    assert str(found).endswith("\n! It changes A2 in place, which others still need: work on a copy.")
    assert check_backward(handed_in(('"db2": db2', '"db2": "?"')), nets).remarks == ()
    assert check_backward(handed_in(("    W2 =", "    import warnings; warnings.warn('old')\n    W2 =")), nets).remarks == ()
    found = check_backward(handed_in(("dW1 = np", "dW1 = np.random.default_rng().random() * np")), nets)
    assert not found["dW1"]
    assert found.remarks == ("Called again with the same arguments, it gives another dW1: is there chance in it?",)


def test_arrays_from_outside_are_told_where_it_fails(nets):
    def outside(**there):
        return check_backward(handed_in(('cache["A1"]', "A1_global"), **there), nets)

    found = outside(A1_global=np.ones((4, 400)))
    assert found.points == 0
    assert found.remarks == (
        "What it reads from outside of itself (A1_global) is of another net: take it from the arguments.",
    )
    assert "NameError" in outside()["dW1"].diagnoses[0]


def test_the_answer_may_be_a_tuple_or_stand_beside_the_cost(nets):
    end = 'return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}'
    assert check_backward(handed_in((end, "return dW1, db1, dW2, db2")), nets).ok
    assert check_backward(handed_in((end, f"return {end[7:]}, 0.5")), nets).ok
    assert check_backward(handed_in((end, "return db2, dW2")), nets, {"db2": 1, "dW2": 1}).ok
    assert check_backward(handed_in((end, "return dW2")), nets, {"dW2": 1}).ok


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        (
            "None",
            "it gives None: is the return missing? A dict is asked for: {'dW1': dW1, 'db1': db1, 'dW2': dW2, 'db2': db2}.",
        ),
        ("dW1", "it gives ndarray, and a dict is asked for: {'dW1': dW1,"),
        ("dW1, db1", "it gives a tuple of 2, and a dict is asked for: "),
        ("'dW1'", "it gives str, and a dict is asked for: "),
    ],
)
def test_an_answer_that_gradients_can_not_be_read_from(returned, why, nets):
    end = 'return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}'
    found = check_backward(handed_in((end, f"return {returned}")), nets)
    assert found.points == 0 and found["dW1"].diagnoses[0].startswith(why)


def test_nan_is_found_and_the_warning_of_numpy_is_passed_on(nets):
    found = check_backward(handed_in((DB2, f"{DB2} + np.log(-np.ones(1))")), nets)
    assert found["db2"].evidence.endswith("its value is NaN, which is not finite") and found.points == 3
    (remark,) = found.remarks
    assert remark.startswith("NumPy warns: invalid value encountered in log, in line 8, `db2 = ")


def test_a_gradient_that_is_zero_by_chance_is_tried_again():
    """With one hidden ReLU and one example, half of the nets are dead, and all gradients before it 0."""

    def cost(X, W, V):
        return (V @ mg.relu(W @ X).named("A")).mean()

    nets = RandomNets(cost, X="n m", W="h n", V="1 h")
    found = check_backward(lambda X, A, V: {"dW": V.T @ np.ones((1, X.shape[1])) @ X.T, "dV": A.mean(1)[None]}, nets)
    assert not found["dW"] and found["dV"]


def test_other_calls(nets):
    def by_position(A2, Y, layers):
        ((A0, _), (A1, W2)), m = layers, Y.shape[1]
        dZ2 = (A2 - Y) / m
        dZ1 = W2.T @ dZ2 * (1 - A1**2)
        return dZ1 @ A0.T, dZ1.sum(1, keepdims=True), dZ2 @ A1.T, dZ2.sum(1, keepdims=True)

    def call(backward, v):
        return backward(v["A2"], v["Y"], [(v["X"], v["W1"]), (v["A1"], v["W2"])])

    assert check_backward(by_position, nets, call=call).ok
    assert "it asks for 'layers', which does not exist." in check_backward(by_position, nets)["dW1"].diagnoses[0]


def test_options_of_the_wrong_kind_are_refused(nets):
    with pytest.raises(TypeError, match=r"give RandomNets or a net of minigraph\.models, not int"):
        check_backward(handed_in(), 3)
    with pytest.raises(TypeError, match="the time limit"):
        check_backward(handed_in(), nets, time_limit="long")
    with pytest.raises(TypeError, match="the seed"):
        check_backward(handed_in(), nets, seed=0.5)


def test_the_same_seed_gives_the_same_grade(nets):
    first, again, other = (str(check_backward(handed_in((DB2, DB2[:-4])), nets, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_who_lets_minigraph_do_it_has_the_points_and_a_remark():
    def backward(w):
        node = mg.parameter(w, "w")
        (node * node).backward()
        return {"dw": node.grad}

    found = check_backward(backward, RandomNets(lambda w: (w * w).named("J"), w=""))
    assert found.ok
    assert found.remarks == ("It calls minigraph itself (mg): was this backward pass written by hand?",)
