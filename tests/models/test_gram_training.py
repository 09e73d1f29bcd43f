"""fit by the Gram rewrite: used where it should be, the same to rounding, exact to the bit without it."""

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression
from minigraph.models.errors import DivergenceError, TrainingInterrupted

from minigraph.program import Program


@pytest.fixture
def images():
    """Far more features than examples."""
    random = np.random.default_rng(4)
    X = random.standard_normal((300, 12))
    return X, (X[:1] + 0.1 * random.standard_normal((1, 12)) > 0).astype(int)


@pytest.mark.parametrize(
    "net", [LogisticRegression, lambda: DeepNet([300, 4, 1]), lambda: DeepNet([300, 3, 1], hidden="tanh")]
)
def test_it_is_used_and_changes_nothing_but_rounding(net, images):
    fast, plain = net().fit(*images, epochs=1100, rate=0.02), net().fit(*images, epochs=1100, rate=0.02, gram=False)
    assert (fast.gram_epochs, plain.gram_epochs) == (1100, 0)
    assert len(fast.history) == 1100
    assert np.allclose(fast.history.cost, plain.history.cost, rtol=1e-9)
    assert np.allclose(fast.history.gradient_norm, plain.history.gradient_norm, rtol=1e-7)
    for a, b in zip(fast.parameters, plain.parameters, strict=True):
        assert np.allclose(a.value, b.value, rtol=1e-8, atol=1e-10)


def test_the_same_call_gives_the_same_bits(images):
    one, two = (DeepNet([300, 4, 1]).fit(*images, epochs=1200, rate=0.02) for _ in range(2))
    assert one.history.cost == two.history.cost
    assert [n.value.tobytes() for n in one.parameters] == [n.value.tobytes() for n in two.parameters]


def test_without_it_resume_is_exact_to_the_bit(images):
    whole = DeepNet([300, 4, 1]).fit(*images, epochs=90, rate=0.02, gram=False)
    part = DeepNet([300, 4, 1]).fit(*images, epochs=40, rate=0.02, gram=False)
    part.fit(*images, epochs=50, rate=0.02, gram=False, resume=True)
    assert whole.history.cost == part.history.cost
    assert [n.value.tobytes() for n in whole.parameters] == [n.value.tobytes() for n in part.parameters]


def test_batches_validation_and_few_epochs_go_step_by_step(images):
    X, Y = images
    assert DeepNet([300, 4, 1]).fit(X, Y, epochs=300, rate=0.01, batch_size=5).gram_epochs == 0
    assert DeepNet([300, 4, 1]).fit(X, Y, epochs=300, rate=0.01, validation=images).gram_epochs == 0
    assert DeepNet([300, 4, 1]).fit(X, Y, epochs=1, rate=0.01).gram_epochs == 0


def test_divergence_is_found_in_the_epoch_where_it_happens(images):
    messages = []
    for gram in (True, False):
        net = DeepNet([300, 8, 1], output="identity")
        with pytest.raises(DivergenceError) as caught:
            net.fit(images[0], 3 * images[0][:1], epochs=2000, rate=1.0, gram=gram)
        messages.append((str(caught.value), len(net.history)))
    assert messages[0] == messages[1]


def test_a_cost_that_runs_away_is_followed_step_by_step_once(monkeypatch):
    repeat, tries = Program.repeat, []

    def counted(self, count, *arrays):
        tries.append(count)
        return repeat(self, count, *arrays)

    monkeypatch.setattr(Program, "repeat", counted)
    X = np.random.default_rng(0).normal(size=(2000, 6))
    net = DeepNet([2000, 1], output="identity", standardize=False)
    with pytest.raises(DivergenceError, match=r"rose from .* by epoch 5: with rate=0\.01 .* Try rate=0\.001"):
        net.fit(X, 3 * X[:1], epochs=400, rate=0.01)
    assert set(tries) == {400} and len(net.history) == 4 and net.gram_epochs == 0
    assert all(np.isfinite(node.value).all() for node in net.parameters)


def test_an_interrupt_goes_back_to_the_last_completed_epoch(images, monkeypatch):
    net = DeepNet([300, 4, 1]).fit(*images, epochs=1000, rate=0.02)
    before = [node.value for node in net.parameters]
    repeat = Program.repeat

    def interrupted(self, count, *arrays):
        repeat(self, count // 2, *arrays)
        raise KeyboardInterrupt

    monkeypatch.setattr(Program, "repeat", interrupted)
    with pytest.raises(TrainingInterrupted, match="after epoch 1000"):
        net.fit(*images, epochs=500, rate=0.02, resume=True)
    assert len(net.history) == 1000
    assert all(np.array_equal(node.value, value) for node, value in zip(net.parameters, before, strict=True))
