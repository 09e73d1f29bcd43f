"""Arrays that traced code finds outside of its arguments: told of, or leaves by name, and put back afterwards."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.parsing.numpy_code.outside_arrays import Outside

A2 = np.array([[1.0, -2.0], [3.0, 0.5]])
GLOBAL = np.array([[2.0, 0.0], [1.0, 1.0]])
SETTINGS = {"rates": {"decay": 0.5}, "size": 2, "on": True}


class Layer:
    scale = 2

    def __init__(self, W):
        self.W, self.b = W, np.zeros((2, 1))

    def __call__(self, X):
        self.Z = self.W @ X + self.b
        return np.tanh(self.Z)


class Net:
    def __init__(self):
        self.layers = [Layer(A2), Layer(A2 / 2)]
        self.b, self.name, self.myself = 0.5, "net", self

    def forward(self, X):
        for layer in self.layers:
            X = layer(X)
        return np.sum(X) + self.b

    def update(self, X):
        self.b = self.b - 0.1 * np.sum(X)
        return self.b


def of_a_global(X):
    return np.sum(helper(X))


def helper(X):
    return GLOBAL @ X * SETTINGS["rates"]["decay"]


def test_arrays_of_globals_closures_and_self_are_told_of() -> None:
    with pytest.warns(mg.GraphWarning, match=r"of_a_global finds GLOBAL outside its arguments.*Say outside='GLOBAL'"):
        mg.trace(of_a_global, A2)
    bias = np.ones(2)
    with pytest.warns(mg.GraphWarning, match=r"finds bias outside"):
        mg.trace(lambda X: np.sum(X + bias), A2)
    with pytest.warns(mg.GraphWarning, match=r"finds layers\.0\.W, layers\.0\.b, .*layers\.1\.b .*outside='W,b'"):
        mg.trace(Net().forward, A2)


@pytest.mark.parametrize("option", ["outside", "data", "fixed"])
def test_a_global_by_name(option) -> None:
    J, n = mg.trace(of_a_global, A2, **{option: "GLOBAL"})
    assert J.value == of_a_global(A2)
    assert ("GLOBAL" in n) == (option != "fixed")
    if option == "outside":
        assert mg.grad(J, n["GLOBAL"]).value.tolist() == [[-0.5, 1.75], [-0.5, 1.75]]
    if option == "data":
        assert n["GLOBAL"].role == "data"
    assert type(GLOBAL) is np.ndarray


def test_numbers_in_dicts_of_globals() -> None:
    J, n = mg.trace(of_a_global, A2, outside="decay", fixed="GLOBAL")
    assert mg.grad(J, n["decay"]).value == 2 * of_a_global(A2)
    assert SETTINGS == {"rates": {"decay": 0.5}, "size": 2, "on": True}


def test_a_closure_by_name() -> None:
    bias, count = np.ones(2), 3

    def f(X):
        return np.sum(X * bias) * count

    J, n = mg.trace(f, A2, data="X", outside="bias count")
    assert list(n) == ["X", "bias", "count", "J"]
    assert mg.grad(J, n["bias"]).value.tolist() == [12.0, -4.5]
    assert type(bias) is np.ndarray and count == 3


def test_the_weights_of_a_net_of_layers() -> None:
    net = Net()
    J, n = mg.trace(net.forward, A2, data="X", outside=["layers", "b", "W"])
    assert [name for name, node in n.items() if node.role == "parameter"] == [
        "layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b", "b"
    ]  # fmt: skip
    assert J.value == Net().forward(A2)
    assert type(net.layers[0].W) is np.ndarray and net.b == 0.5
    assert mg.check_gradients(J).ok


def test_an_object_that_is_an_argument() -> None:
    def cost(net, X):
        return net.forward(X)

    J, n = mg.trace(cost, Net(), A2, outside="b", data="X", fixed="W")
    assert "net.layers.1.b" in n and "net.b" in n and not any("W" in name for name in n)
    assert J.value == Net().forward(A2)


def test_what_the_function_writes_there_is_put_back() -> None:
    net = Net()
    with pytest.raises(ValueError, match="names 'c', but the function is given no such argument"):
        mg.trace(net.update, A2, outside="b,c")
    assert net.b == 0.5
    J, _ = mg.trace(net.update, A2, outside="b")
    assert J.value == 0.25 and net.b == 0.5

    def fails(X):
        net.b = X * net.b
        raise RuntimeError

    with pytest.raises(RuntimeError):
        mg.trace(fails, A2, outside="b")
    assert net.b == 0.5


def test_defaults_that_are_arrays_are_parameters() -> None:
    def f(X, W=A2, rate=0.5):
        return np.sum(W * X) * rate

    J, n = mg.trace(f, A2, data="X")
    assert mg.grad(J, n["W"]).value.tolist() == (A2 / 2).tolist() and "rate" not in n


def test_what_is_looked_at_has_an_end() -> None:
    deep = [1.0]
    for _ in range(20):
        deep = [2.0, deep]
    assert [len(place.path) for place in Outside(lambda: deep, ()).places] == [2, 3, 4, 5, 6, 7]
    recursion = {"pair": (1.0, [2.0])}
    recursion["itself"] = recursion
    places = Outside(lambda: (recursion, np, unset), ()).places
    assert [place.name for place in places] == ["10"]
    unset = None
