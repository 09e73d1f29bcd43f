"""Index arguments by JAX: rows that words look up and labels give what NumPy gives, and wrong ones are refused."""

import numpy as np
import pytest

import minigraph as mg


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_an_embedding_and_labels_change_from_call_to_call(backend: str, jax) -> None:
    rng = np.random.default_rng(0)
    E, W = mg.parameter(rng.normal(size=(5, 2)), "E"), mg.parameter(rng.normal(size=(3, 2)), "W")
    words, labels = mg.data(np.zeros(4), "words"), mg.data(np.zeros(4), "labels")
    J = mg.cross_entropy_with_logits(mg.einsum("ck,mk->cm", W, mg.take(E, words, axis=0)), labels).mean()
    updates = {x: x - 0.5 * g for x, g in zip((E, W), mg.grad(J, [E, W]), strict=True)}
    program = mg.compile(J, inputs=[words, labels], updates=updates, backend=backend)
    e, w = np.array(E.value), np.array(W.value)
    for batch, classes in (([1, 0, 1, 4], [0, 0, 1, 2]), ([0, 0, 0, 3], [2, 1, 1, 2])):
        p = np.exp(w @ e[batch].T)
        p /= p.sum(0)
        assert program(batch, classes) == pytest.approx(-np.log(p[classes, np.arange(4)]).mean(), rel=1e-12)
        d = (p - np.eye(3)[:, classes]) / 4
        by_e = np.zeros_like(e)
        np.add.at(by_e, batch, (w.T @ d).T)
        e, w = e - 0.5 * by_e, w - 0.5 * d @ e[batch]
        np.testing.assert_allclose(E.value, e, rtol=1e-12)
        np.testing.assert_allclose(W.value, w, rtol=1e-12)
    for batch, classes in (([5, 0, 0, 0], [0] * 4), ([0.5, 0, 0, 0], [0] * 4), ([0] * 4, [3, 0, 0, 0])):
        with pytest.raises(mg.DomainError, match="it has the entry"):
            program(batch, classes)
