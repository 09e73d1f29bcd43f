"""Index arguments: data that are whole numbers choose entries, change from call to call, and are never differentiated."""

import re
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import to_ascii, to_latex, to_text

RNG = np.random.default_rng(11)
E = mg.parameter(RNG.normal(size=(5, 2)), "E")
Z = mg.parameter(RNG.normal(size=(3, 4)), "Z")


def lookup() -> tuple[mg.Node, mg.Node]:
    """A cost of the rows that words look up, and the words."""
    words = mg.data([1, 0, 1, 4], "words")
    return mg.square(mg.take(E, words, axis=0).named("H")).sum().named("J"), words


def test_a_row_that_is_looked_up_twice_gets_the_sum() -> None:
    J, _ = lookup()
    gradient = mg.grad(J, E)
    expected = np.zeros((5, 2))
    for word in (1, 0, 1, 4):
        expected[word] += 2 * E.value[word]
    np.testing.assert_allclose(gradient.value, expected)
    assert to_text(gradient.formula()) == "∂J/∂H added up at [words] in zeros 5×2"
    assert to_ascii(gradient.formula()) == "add_at(dH, index[words], (5, 2))"
    told = str(mg.explain(J, wrt=E))
    assert "∂J/∂E[i, k] = Σₚ [words[p] = i] · ∂J/∂H[p, k]   p = 0 … 3" in told and "✓" in told
    one = str(mg.explain(J, wrt=E, entry=(1, 0)))
    assert "∂J/∂E[1, 0] = Σₚ [words[p] = 1] · ∂J/∂H[p, 0] ≈ 1 · " in one
    assert one.count(" 1 · ") == 2, "two words of four look row 1 up"
    second = mg.hvp(J, E, np.ones((5, 2)))
    np.testing.assert_allclose(second.value, [[2, 2], [4, 4], [0, 0], [0, 0], [2, 2]])


def test_nothing_is_differentiated_by_an_index() -> None:
    J, words = lookup()
    assert mg.grad(J, words).value.tolist() == [0, 0, 0, 0]
    labels = mg.data([0, 2, 1, 2], "y")
    assert mg.grad(mg.cross_entropy_with_logits(Z, labels).sum(), labels).value.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (lambda i: i, "[i[p] = i]"),
        (lambda i: (slice(None), i), "[i[p] = k]"),
        (lambda i: (i, [0, 1]), "was taken from"),
        (lambda i: (slice(1), i), "was taken from"),
    ],
)
def test_entries_are_told_for_every_index(index: Any, text: str) -> None:
    i = mg.data([1, 0], "i")
    J = mg.square(Z[index(i)]).sum().named("J")
    told = str(mg.explain(J, wrt=Z))
    assert text in told and "✗" not in told
    assert mg.check_gradients(J).ok


def test_an_index_may_be_computed_and_is_written_as_it_is() -> None:
    words = mg.data([0, 1], "words")
    assert to_text(E[words + 1].formula()) == to_ascii(E[words + 1].formula()) == "E[words + 1]"
    assert to_latex(E[:, words].formula()) == "E[:, \\mathit{words}]"
    assert to_text(E[words].formula(), names={words: "i"}) == "E[i]"
    assert np.array_equal(E[words + 1].value, E.value[[1, 2]])
    assert "what [words + 1] takes of (5, 2)" in str(mg.why_shape(E[words + 1]))


PLACES = "there are 5 places along this axis, 0 to 4, or from the end −1 to −5."
WRONG = [
    ([1, 2, 3, 5], f"'words' is (4,), but it has the entry 5: {PLACES}"),
    ([1, 2, -6, 0], f"it has the entry -6: {PLACES}"),
    ([1, 2, 0.5, 0], "it has the entry 0.5: an index is made of whole numbers."),
    ([1, 2, np.nan, 0], "it has the entry nan: an index is made of whole numbers."),
    ([1, 2, np.inf, 0], "it has the entry inf: "),
]


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_words_change_from_call_to_call_and_wrong_ones_are_refused(backend: str) -> None:
    J, words = lookup()
    gradient = mg.grad(J, E)
    program = mg.compile([J, gradient], inputs=[words], backend=backend)
    for new in ([1, 0, 1, 4], [3, 3, 3, -1], [0, 1, 2, 3]):
        value, by_table = program(np.array(new))
        assert value == pytest.approx(np.sum(E.value[new] ** 2))
        expected = np.zeros((5, 2))
        np.add.at(expected, new, 2 * E.value[new])
        np.testing.assert_allclose(by_table, expected)
        assert float(mg.evaluate(J, given={words: new})) == pytest.approx(value)
    for new, message in WRONG:
        with pytest.raises(mg.DomainError, match=re.escape(message)):
            program(new)
        with pytest.raises(mg.DomainError, match=re.escape(message)):
            mg.evaluate(J, given={words: new})
        with pytest.raises(mg.DomainError, match=re.escape(message)):
            mg.evaluate(gradient, given={words: new})
    assert program(np.array([0, 0, 0, 0]))[0] == pytest.approx(4 * np.sum(E.value[0] ** 2))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_labels_change_from_call_to_call_in_a_program_of_mini_batches(backend: str, dtype: Any) -> None:
    W = mg.parameter(RNG.normal(size=(3, 2)), "W", dtype)
    table = mg.parameter(RNG.normal(size=(6, 2)), "T", dtype)
    words, labels = mg.data(np.zeros(4), "words"), mg.data(np.zeros(4), "labels")
    J = mg.cross_entropy_with_logits(W @ mg.take(table, words, axis=0).T, labels).mean()
    updates = {x: x - 0.5 * g for x, g in zip((W, table), mg.grad(J, [W, table]), strict=True)}
    program = mg.compile(J, inputs=[words, labels], updates=updates, backend=backend)
    w, t = np.array(W.value, float), np.array(table.value, float)
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    for _ in range(6):
        batch, classes = RNG.integers(0, 6, size=4), RNG.integers(0, 3, size=4)
        h = t[batch].T
        e = np.exp(w @ h)
        p = e / e.sum(0)
        assert program(batch, classes) == pytest.approx(-np.log(p[classes, np.arange(4)]).mean(), rel=tolerance)
        dz = (p - np.eye(3)[:, classes]) / 4
        dt = np.zeros_like(t)
        np.add.at(dt, batch, (w.T @ dz).T)
        w, t = w - 0.5 * dz @ h.T, t - 0.5 * dt
        np.testing.assert_allclose(W.value, w, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(table.value, t, rtol=tolerance, atol=tolerance)
    with pytest.raises(
        mg.DomainError, match=r"one_hot: 'labels' is \(4,\), but it has the entry 3: the labels of 3 classes are"
    ):
        program([0, 1, 2, 3], [0, 1, 2, 3])


def test_a_function_is_built_for_labels_of_any_size() -> None:
    program = mg.compile(lambda X, labels: mg.cross_entropy_with_logits(X, labels).mean())
    for size in (2, 4):
        logits, labels = RNG.normal(size=(3, size)), RNG.integers(0, 3, size=size)
        expected = -(logits - np.log(np.exp(logits).sum(0)))[labels, np.arange(size)].mean()
        assert program(logits, labels) == pytest.approx(expected)


def test_labels_are_one_hot_columns() -> None:
    labels = [0, 2, 1, 2]
    by_columns = mg.cross_entropy_with_logits(Z, np.eye(3)[:, labels])
    for given in (labels, [labels], np.array(labels), mg.data(labels, "y")):
        loss = mg.cross_entropy_with_logits(Z, given)
        assert np.array_equal(loss.value, by_columns.value)
        np.testing.assert_allclose(mg.grad(loss.sum(), Z).value, mg.grad(by_columns.sum(), Z).value)
    J = mg.cross_entropy_with_logits(Z, mg.data(labels, "y")).named("L").sum().named("J")
    assert "(softmax(Z) − one-hot(y))" in to_text(mg.grad(J, Z).formula())
    one_class = mg.cross_entropy_with_logits([[3.0, 4.0]], [[1.0, 0.5]])  # a target of the logits' shape is never labels
    assert one_class.value.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 2, 3], "it has the entry 3: the labels of 3 classes are 0 to 2."),
        ([0, 1, 2, -1], "it has the entry -1: the labels of 3 classes are 0 to 2."),
        ([0, 1, 2, 0.5], "it has the entry 0.5: an index is made of whole numbers."),
    ],
)
def test_labels_that_are_none(labels: Any, message: str) -> None:
    loss = mg.cross_entropy_with_logits(Z, labels)
    with pytest.raises(mg.DomainError, match=re.escape(message)):
        loss.value  # noqa: B018
    with pytest.raises(mg.DomainError, match=re.escape(message)):
        mg.compile(loss)()


def test_shapes_and_kinds_that_are_refused() -> None:
    words = mg.data([0, 1], "words")
    for act, message in (
        (lambda: mg.take(E, words, 2), "take: 'E' is (5, 2): axis 2 does not exist: it has 2 axes"),
        (lambda: mg.take(E, [0.5]), "take: indices are whole numbers, not [0.5]"),
        (lambda: mg.take(E, [True]), "take: indices are whole numbers"),
        (lambda: mg.take(E, [7], 0), "take: 'E' is (5, 2): the index [[7]] does not fit: index 7 is out of bounds"),
        (lambda: mg.take(E, E, 0), "'E' is (5, 2), a parameter, but no index is learned: make it data"),
        (lambda: E[words, words, words], "'E' is (5, 2): the index [words, words, words] does not fit: too many indices"),
        (lambda: E[words, mg.data([0, 1, 2])], "does not fit: shape mismatch"),
        (lambda: mg.one_hot([0, 1], 0), "one_hot: the number of classes is 1 or more, not 0. It comes second"),
        (lambda: mg.one_hot([[0, 1], [1, 0]], 2), "one_hot: an array is (2, 2): there is one label for each example"),
        (lambda: mg.one_hot(words, 2.0), "one_hot: the number of classes is a whole number, not 2.0"),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError), match=re.escape(message)):
            act()


def test_numpy_s_take_means_it() -> None:
    assert np.array_equal(np.take(E, [1, 1], axis=0).value, E.value[[1, 1]])
    assert np.array_equal(np.take(E, [1, 1]).value, E.value.reshape(-1)[[1, 1]])


def test_what_puts_entries_back_can_be_applied_again() -> None:
    x, words = mg.parameter([[1.0, 2.0], [3.0, 4.0]], "x"), mg.data([1.0, 1.0], "words")
    back = mg.grad(x[words].sum(), x)
    again = back.op(*back.inputs)
    assert again.shape == (2, 2) and again.value.tolist() == back.value.tolist() == [[0.0, 0.0], [2.0, 2.0]]
