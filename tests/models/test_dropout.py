"""Dropout: its masks are data of the graph, come from the seed, are drawn and explained, and gone when it predicts."""

import copy
import re

import numpy as np
import pytest
from commands import COMMON, patients, run, write
from minigraph.models import DeepNet, DivergenceError, LogisticRegression, load

import minigraph as mg

X = np.random.default_rng(0).normal(size=(3, 11))
Y = (X[:1] + X[1:2] > 0).astype(int)


def net(**settings):
    return DeepNet([3, 5, 4, 1], **{"dropout": [0.5, 0.2], "seed": 1, **settings})


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("shares", [(0.5, 0.2), (0.0, 0.4)], ids=str)
def test_the_steps_are_those_done_by_hand(shares, batch_size):
    trained = net(dropout=shares).fit(X, Y, epochs=3, rate=0.2, batch_size=batch_size)
    features = trained.standardization.apply(X)
    W1, b1, W2, b2, W3, b3 = (node.value for node in net().parameters)
    generator = np.random.default_rng(np.random.SeedSequence(1).spawn(2)[1])
    costs = []
    for _ in range(3):
        order = generator.permutation(11) if batch_size else np.arange(11)
        total = 0.0
        for chosen in np.split(order, [4, 8]) if batch_size else [order]:
            m = len(chosen)
            D1, D2 = (
                (generator.random((units, m)) >= share) / (1 - share) if share else np.ones((units, m))
                for units, share in zip((5, 4), shares, strict=True)
            )
            A1 = np.tanh(W1 @ features[:, chosen] + b1)
            A2 = np.tanh(W2 @ (A1 * D1) + b2)
            Z3 = W3 @ (A2 * D2) + b3
            total += np.sum(np.log1p(np.exp(Z3)) - Z3 * Y[:, chosen])
            dZ3 = (1 / (1 + np.exp(-Z3)) - Y[:, chosen]) / m
            dZ2 = (W3.T @ dZ3) * D2 * (1 - A2**2)
            dZ1 = (W2.T @ dZ2) * D1 * (1 - A1**2)
            W3, b3 = W3 - 0.2 * dZ3 @ (A2 * D2).T, b3 - 0.2 * dZ3.sum(axis=1, keepdims=True)
            W2, b2 = W2 - 0.2 * dZ2 @ (A1 * D1).T, b2 - 0.2 * dZ2.sum(axis=1, keepdims=True)
            W1, b1 = W1 - 0.2 * dZ1 @ features[:, chosen].T, b1 - 0.2 * dZ1.sum(axis=1, keepdims=True)
        costs.append(total / 11)
    for node, by_hand in zip(trained.parameters, (W1, b1, W2, b2, W3, b3), strict=True):
        np.testing.assert_allclose(node.value, by_hand, rtol=1e-9)
    np.testing.assert_allclose(trained.history.cost, costs, rtol=1e-9)


@pytest.mark.parametrize("batch_size", [None, 4])
def test_going_on_gives_the_bits_of_one_training(batch_size, tmp_path):
    settings = {"batch_size": batch_size, "optimiser": "adam"}
    whole = net().fit(X, Y, epochs=9, **settings)
    part = load(net().fit(X, Y, epochs=4, **settings).save(tmp_path / "net.npz"))
    assert part.dropout == (0.5, 0.2) and copy.deepcopy(part).dropout == (0.5, 0.2)
    assert bits(part.fit(X, Y, epochs=5, resume=True, **settings)) == bits(whole)
    assert bits(net().fit(X, Y, epochs=9, **settings)) == bits(whole)
    assert bits(net(seed=2).fit(X, Y, epochs=9, **settings)) != bits(whole)


def test_predictions_use_every_unit():
    trained, plain = net().fit(X, Y, epochs=5), net(dropout=0)
    for node, other in zip(plain.parameters, trained.parameters, strict=True):
        node.value = other.value
    features = mg.data(trained.standardization.apply(X), "X")
    np.testing.assert_array_equal(trained.predict_probability(X), plain.output(features).value)
    assert trained.cost(X, Y) == plain.graph(features, mg.data(Y, "Y")).value
    held_out = net().fit(X, Y, epochs=5, validation=(X, Y))
    assert held_out.history.validation_cost[-1] == pytest.approx(trained.cost(X, Y), rel=1e-12)
    assert held_out.history.cost[-1] != pytest.approx(trained.cost(X, Y), rel=1e-3)
    assert plain.dropout == () and "dropout" not in plain.settings() and trained.settings()["dropout"] == [0.5, 0.2]


def test_a_mask_keeps_the_mean():
    masks = net().random_masks(20_000)
    assert {name: mask.shape for name, mask in masks.items()} == {"D1": (5, 20_000), "D2": (4, 20_000)}
    assert [sorted(set(mask.ravel().tolist())) for mask in masks.values()] == [[0.0, 2.0], [0.0, 1.25]]
    for mask in masks.values():
        np.testing.assert_allclose(mask.mean(axis=1), 1.0, atol=0.03)
    again = net().random_masks(20_000)
    assert all(mask.tobytes() == again[name].tobytes() for name, mask in masks.items())
    assert list(net(dropout=(0, 0.1)).random_masks(2)) == ["D2"]
    assert LogisticRegression(3).random_masks(2) == net(dropout=0).random_masks(2) == {}


def test_masks_are_nodes_that_pictures_and_explanations_show():
    trained = net().fit(X, Y, epochs=2)
    J = trained.graph(X, Y, "probabilities", masks=trained.random_masks(11))
    assert mg.check_gradients(J).ok
    told = str(mg.explain(J, wrt=trained.parameters[0]))
    assert "∂J/∂A1 = ∂J/∂A1_kept ⊙ D1" in told and "((W2ᵀ · ∂J/∂Z2) ⊙ D1 ⊙ (1 − A1²)) · Xᵀ" in told
    for picture in (trained.draw("forward"), trained.draw("both"), mg.draw(trained.cost_node)):
        assert "D1" in picture.source and "A2_kept" in picture.source
    assert "A1_kept" not in trained.live().text


def test_what_masks_move_is_no_divergence_but_a_rise_is():
    assert net().fit(X, Y, epochs=2).history.cost == pytest.approx([1.042, 1.37], rel=1e-3)
    with pytest.raises(DivergenceError, match="the cost rose from"):
        net().fit(X, Y, epochs=20, rate=300.0)


def test_memory_and_repeated_programs_see_the_masks_of_their_step():
    wide = np.random.default_rng(2).normal(size=(60, 11))  # wide enough for W X to be carried, if masks stood still
    first, gram, less = (
        DeepNet([60, 5, 1], dropout=0.5).fit(wide, Y, epochs=20, **how)
        for how in ({"gram": False}, {"gram": True}, {"memory": "less"})
    )
    assert gram.gram_epochs == 0 and bits(gram) == bits(first)
    np.testing.assert_allclose(less.history.cost, first.history.cost, rtol=1e-9)
    assert DeepNet([60, 5, 1]).fit(wide, Y, epochs=20).gram_epochs == 20


@pytest.mark.parametrize(
    ("sizes", "dropout", "says"),
    [
        ([3, 4, 1], 1.0, "dropout is 1.0: it is the share of the units that is left out. Give a number from 0 up to 1"),
        ([3, 4, 1], [-0.1], "dropout is [-0.1]: it is the share"),
        ([3, 4, 1], [0.1, 0.2], "dropout: 2 for 1 hidden layers. Give one number for all hidden layers, or one for each."),
        ([3, 1], 0.5, "dropout: a share for 0 hidden layers."),
        ([3, 1], [0.5], "dropout: a share for 0 hidden layers."),
    ],
)
def test_shares_that_make_no_sense_are_refused(sizes, dropout, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        DeepNet(sizes, dropout=dropout)


def test_what_is_no_share_is_refused():
    for given in ("half", None, np.nan, True, [[0.5]]):
        with pytest.raises(TypeError, match="dropout"):
            DeepNet([3, 4, 1], dropout=given)
    assert DeepNet([3, 1], dropout=[]).dropout == DeepNet([3, 4, 4, 1], dropout=[0, 0]).dropout == ()


@pytest.mark.parametrize("masks", [{"D1": np.ones((5, 1))}, {"D3": np.ones((5, 11))}, {"D1": np.ones((5, 11))}], ids=str)
def test_masks_that_do_not_fit_are_refused(masks):
    says = r"but this net with 11 examples has {'D1': \(5, 11\), 'D2': \(4, 11\)}. Give those of random_masks\(11\)"
    with pytest.raises(ValueError, match=says):
        net().graph(X, Y, masks=masks)
    with pytest.raises(ValueError, match="has no dropout, and none"):
        LogisticRegression(3).graph(X, Y, masks=masks)


def test_the_command_trains_with_it(place, capsys):
    write("patients.csv", patients())
    common = ("train", "patients.csv", *COMMON, "--batch-size", "7")
    dropping = ("--layers", "4,3", "--dropout", "0.5,0")
    assert run(*common, *dropping, "--epochs", "9", "--out", "whole") == 0
    assert run(*common, *dropping, "--epochs", "4", "--out", "part") == 0
    assert run(*common, "--resume", "--epochs", "5", "--out", "part") == 0
    whole, part = load("whole/model.npz"), load("part/model.npz")
    assert bits(whole) == bits(part) and part.dropout == (0.5, 0.0)
    assert run(*common, "--layers", "4,3", "--dropout", "0.25", "--epochs", "1", "--out", "both") == 0
    assert load("both/model.npz").dropout == (0.25, 0.25)
    capsys.readouterr()
    for status, words, says in [
        (2, ("--layers", "4", "--dropout", "1"), "'1' is not a share from 0 up to 1, such as 0.2"),
        (1, ("--layers", "4", "--dropout", "0.1,0.2"), "dropout: 2 for 1 hidden layers"),
        (2, ("--dropout", "0.1"), "--dropout belongs to nets with hidden layers, and there are none"),
        (2, ("--resume", "--dropout", "0.1"), "--dropout can't change in a net that goes on training"),
    ]:
        assert run(*common, *words, "--out", "part" if "--resume" in words else "new") == status
        assert says in capsys.readouterr().err
