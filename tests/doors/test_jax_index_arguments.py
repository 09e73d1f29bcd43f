"""Index arguments by JAX: rows that words look up and labels give what NumPy gives, and wrong ones are refused."""

import numpy as np
import pytest

import minigraph as mg


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_an_embedding_and_labels_change_from_call_to_call(backend: str) -> None:
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


def test_a_function_of_jax_refuses_what_is_no_index_while_it_has_values(wide) -> None:
    jax = wide
    E = mg.parameter(np.arange(8.0).reshape(4, 2), "E")
    words, labels, z = mg.data([0, 1], "words"), mg.data([0, 1], "labels"), mg.parameter(np.zeros((3, 2)), "z")
    rows = mg.to_jax(mg.take(E, words, axis=0).sum(), inputs=[E, words])
    loss = mg.to_jax(mg.cross_entropy_with_logits(z, labels).mean(), inputs=[z, labels])
    assert rows(E.value, [3, -1]) == 26
    assert jax.grad(rows)(E.value, [3.0, 3.0]).tolist() == [[0, 0]] * 3 + [[2, 2]]
    for wrong, says in (
        ([4, 0], "'words' is .*, but it has the entry 4: there are 4 places"),
        ([0.5, 0], "whole numbers"),
    ):
        for function in (rows, jax.grad(rows)):
            with pytest.raises(mg.DomainError, match=says):
                function(E.value, wrong)
    with pytest.raises(mg.DomainError, match=r"labels.*it has the entry 3"):
        loss(z.value, [3, 0])
    assert jax.jit(rows)(E.value, np.array([3.0, 3.0])) == 26
