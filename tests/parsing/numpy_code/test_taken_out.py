"""What takes values out of the graph of traced code: it is refused with what to write, or warned of."""

import numpy as np
import pytest

import minigraph as mg

A2 = np.array([[1.0, -2.0], [3.0, 0.5]])
Y = np.array([0, 1])


def mean_of_a_list(W):
    return np.mean([np.sum(w * w) for w in W])


def array_of_two(W):
    a, b = W[0].sum(), W[1].sum()
    return np.sum(np.array([a, b]))


def as_array(W):
    return np.asarray(W).sum()


def determinant_of_a_list(W):
    lists = [W[0], W[1]]
    return np.linalg.det(lists)


def mask_as_numbers(W):
    return np.sum(W * np.int64(W > 0))


def by_a_method(W):
    arrays = {"W1": A2, "W2": A2}
    return arrays["W" + str(1)].dot(W).sum()


def written_into_an_array(W):
    rows = np.zeros((2, 2))
    for i in range(2):
        rows[i] = W[i] * 2
    return np.sum(rows)


def one_hot(W, y):
    return np.sum(W * np.eye(2)[y])


def generated(W):
    yield np.sum(W)


async def awaited(W):
    return np.sum(W)


def whole(W):
    return np.sum(W)


@pytest.mark.parametrize(
    ("function", "given", "says"),
    [
        (mean_of_a_list, (A2,), r"np.mean makes a plain array of a list of nodes.*Write np.mean\(np.stack\(list\)\)"),
        (array_of_two, (A2,), r"'a' is \(\): np.array makes a plain array of a list of nodes.*Write np.stack\(list\)\.\n"),
        (
            determinant_of_a_list,
            (A2,),
            r"np.linalg.det makes a plain array of a list.*Write np.linalg.det\(np.stack\(list\)\)",
        ),
        (mask_as_numbers, (A2,), r"np.int64 makes plain numbers of it.*Leave it out: a mask, Z > 0, is one of 0 and 1"),
        (
            by_a_method,
            (A2,),
            r"^'W' is \(2, 2\): arrays\['W' \+ str\(1\)\] is a plain array, whose method dot takes no node\. "
            r"Write np\.dot\(arrays\['W' \+ str\(1\)\], \.\.\.\)\. If it shall have a gradient, .* or say outside='arrays'",
        ),
        (
            written_into_an_array,
            (A2,),
            r"it would be written into a plain array, without a gradient. .*in a list, with np.stack",
        ),
        (as_array, (A2,), r"'W' is \(2, 2\): np.asarray makes a plain array of it.*Leave it out"),
        (one_hot, (A2, Y), r"'y' is \(2,\): it would serve as an index.*fixed='name'; .*mg.one_hot\(labels, classes\)"),
        (generated, (A2,), "Its code has not run yet: trace a function that runs it to its end"),
        (awaited, (A2,), "Its code has not run yet"),
        (whole, (3,), r"'W' is the whole number 3, which is handed over as it is. Write 3.0 for a parameter"),
    ],
)
def test_what_leaves_the_graph_says_what_to_write(function, given, says) -> None:
    with pytest.raises(TypeError, match=says):
        mg.trace(function, *given)


def test_what_is_said_works() -> None:
    assert mg.trace(lambda W: np.mean(np.stack([np.sum(w * w) for w in W])), A2)[0].value == (5 + 9.25) / 2
    assert mg.trace(lambda W: np.sum(W * (W > 0)), A2)[0].value == 4.5
    assert mg.trace(lambda W, V: np.dot(V, W).sum(), A2, A2)[0].value == (A2 @ A2).sum()
    assert mg.trace(one_hot, A2, Y, fixed="y")[0].value == 1.5
    assert mg.trace(lambda W, y: np.sum(W * mg.one_hot(y, 2)), A2, Y, data="y")[0].value == 1.5
    assert mg.trace(lambda *given: list(generated(*given)), A2)[0][0].value == 2.5
    assert mg.trace(whole, 3.0)[0].value == 3


def test_an_array_in_code_that_is_not_there() -> None:
    names = {"np": np}
    exec("def f(W):\n    return np.array(W)", names)
    with pytest.raises(TypeError, match="is not turned into an array silently"):
        mg.trace(names["f"], A2)


def test_a_whole_number_is_no_node_and_says_so() -> None:
    _, n = mg.trace(lambda W, b: np.sum(W + b), A2, 0)
    with pytest.raises(KeyError, match=r"'b' is the whole number 0, which is handed over as it is. Write 0.0"):
        n["b"]


def test_checks_of_types_fail_with_a_note() -> None:
    def f(W):
        assert isinstance(W, np.ndarray)
        return np.sum(W)

    with pytest.raises(AssertionError) as caught:
        mg.trace(f, A2)
    assert "its arrays are nodes" in caught.value.__notes__[1]


def test_arrays_of_objects_say_how_they_are_handed_over() -> None:
    with pytest.raises(TypeError, match="values of type NoneType") as caught:
        mg.trace(lambda W, names: np.sum(W), A2, np.array([None, 1.0]))
    assert caught.value.__notes__ == ["mg.trace: fixed='names' hands it over as it is."]
    words = np.array(["a", "b"])
    assert mg.trace(lambda W, names: np.sum(W) * len(names), A2, words)[0].value == 5


# Numbers that go on


def adds_the_number(W):
    cost = float(np.sum(W * W))
    return cost + 0.5 * np.sum(W)


def computes_with_the_number(W):
    cost = np.sum(W * W).item()
    return 3 * cost + np.sum(W)


def reads_a_rate(W, rate):
    rate = float(rate)
    return np.sum(W) * rate


@pytest.mark.parametrize(
    ("function", "given"),
    [(adds_the_number, (A2,)), (computes_with_the_number, (A2,)), (reads_a_rate, (A2, 0.3))],
)
def test_a_number_that_goes_on_is_warned_of(function, given) -> None:
    with pytest.warns(mg.GraphWarning, match=r"read as a number at .*test_taken_out.*constant, and has no gradient"):
        J, _ = mg.trace(function, *given)
    assert J.value == function(*given)


def shows_the_number(W):
    cost = np.sum(W * W)
    norm = np.sqrt(cost)
    print("norm", float(norm))
    right = float(np.mean((W > 0) == (W > 1)))
    assert right >= 0
    return cost * 1.0, float(cost)


def test_a_number_that_is_shown_or_returned_is_not() -> None:
    (J, again), _ = mg.trace(shows_the_number, A2)
    assert J.value == again.value == 14.25


# A trace in a trace


def test_names_of_a_trace_within_a_trace() -> None:
    def inner(V):
        y = V * V
        return y.sum()

    def outer(W):
        X = W * 2
        total, n = mg.trace(inner, X)
        assert n["V"] is X and list(n) == ["V", "y", "J"]
        return total + 0 * n["V"].sum()

    J, n = mg.trace(outer, A2)
    assert J.value == np.sum(4 * A2**2)
    assert list(n) == ["W", "X", "y", "total", "J"]


def test_variables_before_and_after_a_trace_within_a_trace_keep_their_names() -> None:
    def outer(W):
        first = W * 2
        second, _ = mg.trace(lambda V: np.sum(V * first), W)
        third = second * 3
        return third + 1

    _, n = mg.trace(outer, A2)
    assert list(n) == ["W", "first", "second", "third", "J"]


def test_gradients_that_a_traced_function_computes_too_are_compared() -> None:
    def propagate(w, b, X, Y):
        A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
        cost = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        return {"dw": np.dot(X, (A - Y).T), "db": np.sum(A - Y) / X.shape[1]}, cost

    (gradients, cost), n = mg.trace(propagate, np.ones((2, 1)), 0.5, A2, np.array([[0, 1]]), data="X,Y")
    found = mg.compare(cost, gradients)
    assert (found["dw"].ok, found["db"].ok) == (False, True)
    assert found["dw"].diagnoses[0].startswith("it is 2 times the right one")
    assert mg.compare(cost, n.b, gradients["db"])
