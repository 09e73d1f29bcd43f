"""The data sets: real ones are what their source says, generated ones what their docstring says."""

from importlib.resources import files

import numpy as np
import pytest
from minigraph.models import DataError
from minigraph.models.datasets import DATASETS, Dataset, blobs, breast_cancer, circles, digits, flower, houses


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_has_examples_in_columns_and_names(name):
    data = DATASETS[name]()
    X, Y = data
    assert X.shape[1] == Y.shape[1] == len(data) and np.isfinite(X).all()
    assert len(data.feature_names) == len(X) and len(data.target_names) == len(Y) == 1
    assert data.name == name and name in repr(data)
    if data.label_names:
        assert sorted(set(Y[0].tolist())) == list(range(len(data.label_names)))


def test_breast_cancer_is_the_wisconsin_data():
    data = breast_cancer()
    assert data.X.shape == (30, 569) and int(data.Y.sum()) == 212 and data.label_names == ("benign", "malignant")
    radius = data.X[data.feature_names.index("mean radius")]
    assert radius.mean() == pytest.approx(14.12729, abs=1e-5) and (radius.min(), radius.max()) == (6.981, 28.11)
    assert radius[data.Y[0] == 1].mean() > radius[data.Y[0] == 0].mean() + 5  # malignant cells are larger


def test_digits_are_eight_by_eight():
    data = digits()
    assert data.X.shape == (64, 1797) and (data.X.min(), data.X.max()) == (0, 16)
    assert np.bincount(data.Y[0]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    zero = data.X[:, data.Y[0] == 0].mean(axis=1).reshape(8, 8)
    assert zero[3:5, 3:5].max() < 2 < 10 < zero[3:5, 2].min()  # a zero has a hole


@pytest.mark.parametrize("name", ["breast_cancer.csv", "digits.csv"])
def test_shipped_files_have_their_source_and_licence(name):
    notice = files("minigraph.models.datasets").joinpath("NOTICE.md").read_text(encoding="utf-8")
    section = notice.split(f"## {name}")[1].split("## ")[0]
    assert "Source: UCI" in section and "CC BY 4.0" in section and "Creators:" in section


@pytest.mark.parametrize("make", [flower, circles, blobs, houses])
def test_generated_sets_follow_their_seed_and_size(make):
    one, same, other = make(50, seed=1), make(50, seed=1), make(50, seed=2)
    assert one.X.tobytes() == same.X.tobytes() != other.X.tobytes() and len(one) == 50
    assert len(make(7)) == 7
    for options in ({"m": 0}, {"noise": -1.0}, {"noise": np.nan}):
        with pytest.raises(DataError, match=r"give at least|give a number from 0"):
            make(**options)


def test_generated_sets_are_what_they_say():
    X, Y = flower(4000, noise=0)
    angle, radius = np.arctan2(*X), np.hypot(*X)
    np.testing.assert_allclose(radius, 4 * np.abs(np.sin(4 * angle)), atol=1e-9)
    X, Y = circles(100, noise=0)
    np.testing.assert_allclose(np.hypot(*X), np.where(Y[0] == 1, 0.5, 1), rtol=1e-12)
    X, Y = blobs(90, classes=4, noise=0)
    assert len({(round(x, 6), round(y, 6)) for x, y in X.T}) == 4
    X, Y = houses(500, noise=0)
    np.testing.assert_allclose(Y, np.maximum(0, 4 * X - 120))
    with pytest.raises(DataError, match="classes is 1: give at least 2"):
        blobs(classes=1)


def test_a_split_parts_all_examples():
    data = Dataset(np.arange(20.0).reshape(2, 10), np.arange(10).reshape(1, -1), ("a", "b"), ("y",))
    training, held_out = data.split(0.3, seed=4)
    assert (len(training), len(held_out)) == (7, 3)
    assert sorted([*training.Y[0], *held_out.Y[0]]) == list(range(10))
    np.testing.assert_array_equal(training.X[0], training.Y[0])  # columns stay together
    assert data.split(0.3, seed=4)[0].Y.tolist() == training.Y.tolist() != data.split(0.3, seed=5)[0].Y.tolist()
    assert [len(part) for part in data.split(0.01)] == [9, 1] and [len(part) for part in data.split(0.99)] == [1, 9]
    for share in (0, 1, -0.5, np.nan):
        with pytest.raises(ValueError, match="a share between 0 and 1"):
            data.split(share)
    with pytest.raises(DataError, match="two parts need at least two"):
        training.split(0.5)[0].split(0.9)[0].split()
