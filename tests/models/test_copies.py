"""Copies and pickles of nets are nets of their own; graphs say why they are neither copied nor pickled."""

import copy
import pickle
import pickletools

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression, ModelFileError, load
from minigraph.models.stored_net import copied

import minigraph as mg

X = np.array([[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 2.0, 2.0]])
Y = np.array([["no", "no", "yes", "yes"]])

WAYS = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda net: pickle.loads(pickle.dumps(net))}
way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


class MyNet(DeepNet):
    """A user's own kind."""


def fitted(kind=DeepNet):
    net = kind([2, 3, 1], labels=("no", "yes"), seed=5)
    net.fit(X, Y, epochs=4, batch_size=3, validation=(X, Y), feature_names=["p", "q"])
    net.target_name = "answer"
    return net


@way
@pytest.mark.parametrize("kind", [DeepNet, MyNet])
def test_a_copy_is_the_same_net_and_shares_nothing(kind, way):
    net = fitted(kind)
    before, again = bits(net), way(net)
    assert type(again) is kind and bits(again) == before and again.settings() == net.settings()
    assert (again.feature_names, again.target_name, again.history) == (("p", "q"), "answer", net.history)
    assert (
        again.feature_means.tolist() == net.feature_means.tolist() and again.predict(X).tolist() == net.predict(X).tolist()
    )
    assert not {*again.parameters} & {*net.parameters}
    again.fit(X, Y, epochs=3, batch_size=3, resume=True)
    assert bits(net) == before != bits(again) and len(net.history) == 4
    net.fit(X, Y, epochs=3, batch_size=3, resume=True)
    assert bits(net) == bits(again)  # shuffling goes on in both


@way
@pytest.mark.parametrize(
    "make", [lambda: DeepNet([2, 3, 1], hidden="relu"), LogisticRegression, lambda: LogisticRegression(2)]
)
def test_a_net_that_was_not_fitted_is_copied_too(make, way):
    net = make()
    net.target_name = "y"
    for node in net.parameters:
        node.value = node.value + 1.0
    again = way(net)
    assert bits(again) == bits(net) and again.settings() == net.settings() and again.target_name == "y"
    assert not {*again.parameters} & {*net.parameters} and not again.is_fitted
    assert bits(again.fit(X, [[0, 0, 1, 1]], epochs=2)) == bits(make().fit(X, [[0, 0, 1, 1]], epochs=2))


@way
def test_parameters_that_were_set_by_hand_are_copied_and_saved_as_they_are(way, tmp_path):
    net = fitted()
    net.parameters[0].value = net.parameters[0].value * 2
    assert bits(way(net)) == bits(net)
    assert bits(load(net.save(tmp_path / "model.npz"))) == bits(net)


def test_a_pickle_holds_bytes_and_the_names_of_two_things():
    found = [
        argument for code, argument, _ in pickletools.genops(pickle.dumps(fitted(), protocol=2)) if code.name == "GLOBAL"
    ]
    assert set(found) <= {
        "minigraph.models.stored_net copied",
        "minigraph.models.nets DeepNet",
        "_codecs encode",  # protocol 2 has no bytes
    }  # fmt: skip


def test_a_damaged_copy_is_refused():
    with pytest.raises(ModelFileError, match="a copy of a DeepNet: not a model file"):
        copied(DeepNet, b"nonsense")


def test_a_subclass_is_saved_as_what_it_derives_from(tmp_path):
    net = fitted(MyNet)
    again = load(net.save(tmp_path / "model.npz"))
    assert type(again) is DeepNet and bits(again) == bits(net)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_graph_is_neither_copied_nor_pickled(way):
    w = mg.parameter([1.0, 2.0], "w")
    J = (w * w).sum().named("J")
    for thing in (w, J, [w, J], {"J": J}):
        if way is copy.copy and not isinstance(thing, mg.Node):
            continue  # a new list of the same nodes
        with pytest.raises(TypeError, match=r"is neither copied nor pickled.*Save the values of its parameters, and build"):
            way(thing)


class Narrow(DeepNet):
    """A kind that is made of something else than its settings."""

    def __init__(self, width):
        super().__init__([2, width, 1], labels=("no", "yes"))


@way
def test_a_kind_that_does_not_take_its_settings_is_refused_with_what_to_do(way):
    for net in (Narrow(3), Narrow(3).fit(X, Y, epochs=1)):
        with pytest.raises(TypeError, match=r"Narrow can't be copied or pickled: .*Let it take sizes, .* by name"):
            way(net)
