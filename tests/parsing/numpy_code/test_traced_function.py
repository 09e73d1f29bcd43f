"""`mg.trace`: what becomes a leaf, what steps are called, what is given back, and what is refused at its line."""

import linecache
import math
import threading

import numpy as np
import pytest

import minigraph as mg

A2 = np.array([[1.0, -2.0], [3.0, 0.5]])


def names_of(function, **arguments):
    return list(mg.trace(function, **arguments)[1])


# Leaves


def test_arrays_and_floats_are_parameters_and_all_else_is_handed_over() -> None:
    seen = {}

    def f(W, b, k, flag, name, nothing, size=2.0):
        seen.update(k=k, flag=flag, name=name, nothing=nothing, size=size)
        return np.sum(W * b)

    J, n = mg.trace(f, A2, 0.5, k=3, flag=True, name="x", nothing=None)
    assert list(n) == ["W", "b", "J"] and n["J"] is J
    assert [n[key].role for key in "Wb"] == ["parameter", "parameter"]
    assert seen == {"k": 3, "flag": True, "name": "x", "nothing": None, "size": 2.0}


def test_data_names_arguments_keys_and_whole_dicts() -> None:
    def f(batch, params, k):
        return np.sum(params["W"] * batch["X"] + params["c"] * k - batch["Y"])

    batch, params = {"X": A2, "Y": [1, 2]}, {"W": A2, "c": 2.0}
    _, n = mg.trace(f, batch, params, 3, data=["batch", "c", "k"])
    assert {name: str(node.role) for name, node in n.items() if node.op is None} == {
        "X": "data", "Y": "data", "W": "parameter", "c": "data", "k": "data"
    }  # fmt: skip


def test_names_that_two_dicts_share() -> None:
    def f(first, second, **more):
        return np.sum(first["W"] * second["W"] * more["V"])

    assert names_of(f, first={"W": A2}, second={"W": A2}, V=A2) == ["W", "second.W", "V", "J"]


def test_lists_tuples_and_keys_that_are_no_text() -> None:
    def f(weights, sizes, *args):
        return np.sum(weights[0][1] @ weights[1] * args[0] * len(sizes))

    J, n = mg.trace(f, [{1: A2}, A2], (2, 3), A2)
    assert list(n) == ["weights01", "weights1", "args0", "J"]
    assert J.value == np.sum(A2 @ A2 * A2 * 2)


def test_nodes_are_taken_as_they_are() -> None:
    W, X = mg.parameter(A2, "weights"), mg.data(A2)
    J, n = mg.trace(lambda W, X: np.sum(W * X), W, X)
    assert n["weights"] is W and n["X"] is X and X.name == "X"
    assert mg.grad(J, W).value.tolist() == A2.tolist()


def test_an_argument_that_is_called_data_is_given_by_position() -> None:
    def f(data, stable):
        return np.sum(data * stable)

    assert (
        names_of(lambda *given: f(*given), given=1.0) if False else list(mg.trace(f, A2, 2.0)[1]) == ["data", "stable", "J"]
    )


@pytest.mark.parametrize("option", ["data", "fixed"])
def test_a_name_that_is_not_there(option) -> None:
    with pytest.raises(ValueError, match=rf"{option} names 'weight', but the function is given no such .*mean 'weights'"):
        mg.trace(lambda weights: np.sum(weights), A2, **{option: "weight"})


def test_data_that_is_no_text() -> None:
    with pytest.raises(TypeError, match=r"(?s)data is a text with names.*give that by its position"):
        mg.trace(lambda X: np.sum(X), A2, data=A2)


def test_arguments_that_do_not_fit() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'b'"):
        mg.trace(lambda a, b: a, 1.0)


def test_fixed_arguments_decide() -> None:
    def f(W, rate):
        return np.sum(W) * 2 if rate < 1 else np.sum(W)

    assert mg.trace(f, A2, 0.5, fixed="rate")[0].value == 2 * A2.sum()


# Names


def test_the_first_name_of_the_outermost_function_wins() -> None:
    def half(z):
        s = z / 2
        return s

    def f(X):
        A = half(X + 1)
        A_prev = A
        B = A_prev * half(A)
        return B.sum()

    _, n = mg.trace(f, X=A2)
    assert list(n) == ["X", "z", "A", "s", "B", "J"]
    assert n["A_prev"] is n["A"] is n.A
    assert (n.A.inputs[0], n.B.inputs) == (n.z, (n.A, n.s))


def test_a_helper_that_assigns_last_what_nobody_else_holds() -> None:
    def squared(x):
        y = x * x
        return y

    assert names_of(lambda X: np.sum(squared(X)), X=A2) == ["X", "y", "J"]


def test_variables_of_loops_are_numbered_around_names_that_are_taken() -> None:
    def f(X, Z2):
        for _ in range(2):
            Z = X + Z2
            X = X * 2
            A1 = Z * 3
        return np.sum(A1 + X)

    _, n = mg.trace(f, X=A2, Z2=A2)
    assert list(n) == ["X", "Z2", "Z_1", "X2", "A1_1", "Z_2", "X3", "A1_2", "J"]
    assert n["Z"] is n["Z_2"] and n["A1"] is n["A1_2"]


def test_a_list_of_tuples_of_weights_and_biases() -> None:
    """Arrays of different shapes in one tuple: each becomes a parameter."""

    def f(layers, X):
        for W, b in layers:
            X = np.dot(W, X) + b
        return np.sum(X)

    layers = [(np.ones((3, 2)), np.zeros((3, 1))), (np.full((1, 3), 2.0), np.ones(1))]
    J, n = mg.trace(f, layers, A2, data="X")
    assert list(n)[:5] == ["layers00", "layers01", "layers10", "layers11", "X"]
    assert J.value == f(layers, A2)
    assert mg.grad(J, n["layers01"]).value.tolist() == (np.full((3, 1), 2.0) * A2.shape[1]).tolist()


def test_entries_of_dicts_lists_and_self() -> None:
    class Net:
        def forward(self, X):
            cache, steps = {}, [X]
            for l in (1, 2):  # noqa: E741
                cache[f"Z{l}"] = steps[-1] * 2
                steps.append(np.tanh(cache[f"Z{l}"]))
            self.output = steps[-1] + 1
            return self.output.sum()

    assert names_of(Net().forward, X=A2) == ["X", "Z1", "steps1", "Z2", "steps2", "output", "J"]


def test_a_node_that_has_a_name_keeps_it() -> None:
    def f(X):
        A = (X * 2).named("twice")
        _ = X * 3
        return np.sum(A + _)

    _, n = mg.trace(f, X=A2)
    assert list(n) == ["X", "twice", "J"] and n["A"] is n["twice"]


def test_lambdas_comprehensions_and_generators() -> None:
    def f(W, X):
        parts = [W @ x for x in X]
        total = sum(part * part for part in parts)
        return total

    J, n = mg.trace(f, np.array([1.0, 2.0]), A2)
    assert J is n["total"] and {"parts0", "parts1"} <= set(n)


def test_two_threads_keep_their_names_apart() -> None:
    gate, found = threading.Barrier(2), {}

    def run(letter):
        def f(X):
            gate.wait()
            scope = {"a": X * 2} if letter == "a" else {"b": X * 3}
            gate.wait()
            return np.sum(scope[letter])

        found[letter] = list(mg.trace(f, X=A2)[1])

    threads = [threading.Thread(target=run, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"a": ["X", "a", "J"], "b": ["X", "b", "J"]}


def test_a_name_that_is_not_there_is_said_with_the_nearest() -> None:
    _, n = mg.trace(lambda weights: np.sum(weights), A2)
    with pytest.raises(KeyError, match=r"no node is called 'weight'.*Did you mean 'weights'"):
        n["weight"]
    with pytest.raises(AttributeError, match="Did you mean 'weights'"):
        n.weight  # noqa: B018
    assert repr(n) == str(n) == "weights  (2, 2)  parameter\nJ        ()      sum weights"


# Results


def test_results_come_back_as_the_function_gives_them() -> None:
    (J, cache, [B]), n = mg.trace(lambda X: (np.sum(X), {"twice": X * 2, "k": 3}, [X * 4]), A2)
    assert J is n["J"] and cache["k"] == 3 and cache["twice"].op.name == B.op.name == "multiply"


def test_a_float_that_is_returned_is_still_the_node() -> None:
    for read in (float, lambda node: node.item(), np.float64):
        J, n = mg.trace(lambda W, read=read: (read(np.sum(W * W)), 5.0), A2)
        assert isinstance(J[0], mg.Node) and J[1] == 5.0
        assert mg.grad(J[0], n["W"]).value.tolist() == (2 * A2).tolist()


def test_a_result_without_nodes() -> None:
    with pytest.raises(
        TypeError, match=r"(?s)returns 4\.4, in which there is no node. What it computed was taken out.*read as"
    ):
        mg.trace(lambda W: float(np.sum(W)) * 2 - 0.6, A2)
    with pytest.raises(TypeError, match=r"in which there is no node\. Does it use its arguments"):
        mg.trace(lambda W: 3, A2)


def test_shapes_and_constants_are_read() -> None:
    def f(W):
        m, count = np.shape(W)[1], np.size(W, 0) * np.ndim(W) * np.size(W)
        assert W.shape == (2, 2) and len(W) == 2
        D = np.ones_like(W) + np.zeros_like(W, dtype=float) + np.full_like(W, 2.0)
        print("W is", W)
        return np.squeeze(np.sum(np.copy(W) * D)) / m * count + np.squeeze(W[:1, :1]) * np.squeeze(W[:1], axis=0)[0]

    assert mg.trace(f, A2)[0].value == A2.sum() * 3 / 2 * 16 + 1


def test_masks_follow_the_values() -> None:
    def f(W, c):
        above = c < W
        return np.sum(W * above + 10.0 * (W <= 0) + 100.0 * (W < c) + 1000.0 * (c >= W) + 0.5 * (W >= 0.5))  # noqa: SIM300

    J, n = mg.trace(f, A2, 0.5)
    assert J.value == f(A2, 0.5)
    n["W"].value = -A2
    assert J.value == f(-A2, 0.5)
    assert mg.grad(J, n["W"]).value.tolist() == (-A2 > 0.5).tolist()


def test_comparisons_mean_nothing_outside() -> None:
    with pytest.raises(TypeError, match="nodes have no order"):
        mg.parameter(1.0, "w") > 0  # noqa: B015


# Refused


def writes(W):
    A = W * 2
    A[0] = 0
    return A


def writes_into_an_array(W):
    total = np.zeros(2)
    total[0] = np.sum(W)
    return total


def adds_to_an_array(W):
    total = np.zeros((2, 2))
    total += W
    return total


def branches(W):
    if np.sum(W) > 1:
        return W
    return -W


def whole(W):
    return int(np.sum(W))


def by_math(W):
    return np.sum(W) * math.exp(np.sum(W))


def as_array(W):
    return np.array(np.sum(W))


def unknown(W):
    return np.fft.fft(W)


def out(W):
    return np.dot(W, W, out=np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("function", "says", "line"),
    [
        (writes, "nothing is written into a node.*np.where", "A[0] = 0"),
        (writes_into_an_array, "as a plain number, without a gradient.*np.stack", "total[0] = np.sum(W)"),
        (adds_to_an_array, "np.add would write a node into an array.*Write a = a . b in place", "total += W"),
        (branches, "a graph has one way only.*fixed=", "if np.sum(W) > 1:"),
        (whole, "not made a whole number", "return int(np.sum(W))"),
        (by_math, "math.exp takes plain numbers.*Write np.", "return np.sum(W) * math.exp(np.sum(W))"),
        (as_array, "np.array makes a plain array of it, without a gradient. Leave it out", "return np.array(np.sum(W))"),
        (unknown, "np.fft.fft has no operation in minigraph", "return np.fft.fft(W)"),
        (out, "np.dot", "return np.dot(W, W, out=np.zeros((2, 2)))"),
    ],
)
def test_what_can_not_be_part_of_a_graph_is_refused_at_its_line(function, says, line) -> None:
    linecache.checkcache(__file__)
    with pytest.raises(TypeError, match=says) as caught:
        mg.trace(function, A2)
    (note,) = caught.value.__notes__
    assert note.startswith(f"mg.trace: at {__file__}:") and note.endswith(f": {line}")


def test_errors_of_the_function_itself_are_its_own() -> None:
    def f(W):
        Z = W @ W
        return Z + np.ones(3)

    with pytest.raises(mg.ShapeError, match="'Z' is"):
        mg.trace(f, A2)
    with pytest.raises(ZeroDivisionError) as caught:
        mg.trace(lambda W: 1 // 0, A2)
    assert "1 // 0" in caught.value.__notes__[0]


def test_code_whose_source_is_not_there() -> None:
    names = {"np": np, "math": math}
    exec("def f(W):\n    c = np.sum(W)\n    return c * math.exp(c)\n\ndef g(W):\n    W[0] = 1", names)
    assert isinstance(mg.trace(names["f"], A2 / 10)[0], mg.Node)
    with pytest.raises(TypeError) as caught:
        mg.trace(names["g"], A2)
    assert caught.value.__notes__ == ["mg.trace: at <string>:6"]


def test_arrays_of_unequal_sizes_are_leaves_of_their_own() -> None:
    def f(X, W):
        return np.sum(W @ X[0]) + np.sum(X[1])

    _, n = mg.trace(f, [A2, [1.0, 2.0, 3.0]], A2, data="X")
    assert [(name, str(node.role)) for name, node in n.items()][:2] == [("X0", "data"), ("X1", "data")]


def test_a_call_over_several_lines() -> None:
    def f(W):
        return math.exp(
            np.sum(W)
        ) + np.sum(W)  # fmt: skip

    with pytest.warns(mg.GraphWarning, match=r"read as a number at .*What is computed from that number is constant"):
        J, _ = mg.trace(f, A2 / 10)
    assert J.op.name == "add"


def test_what_is_typed_into_a_debugger_is_not_read() -> None:
    debugger = {"__name__": "bdb"}
    exec("def made(W):\n    probe = W * 2\n    return probe", debugger)
    _, n = mg.trace(lambda W: np.sum(debugger["made"](W)), A2)
    assert list(n) == ["W", "J"]


def test_a_function_of_numpy_has_no_line() -> None:
    with pytest.raises(TypeError, match=r"np.fft.fft has no operation") as caught:
        mg.trace(np.fft.fft, a=A2)
    assert not hasattr(caught.value, "__notes__")
