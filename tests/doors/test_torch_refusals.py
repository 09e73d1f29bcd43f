"""What `mg.from_torch` refuses: by the line of the module, and with what to do."""

import itertools
import re

import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
nn, F = torch.nn, torch.nn.functional


class Computing(nn.Module):
    """A module of one line, and a parameter to multiply with."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.linspace(1.0, 2.0, 4, dtype=torch.float64))

    def forward(self, x):
        z = x * self.weight
        return self.function(z)


X = torch.arange(12, dtype=torch.float64).reshape(3, 4) / 7
HERE = re.escape(__file__) + r":\d+: "


def refused(function, inputs=(X,)):
    module = function if isinstance(function, nn.Module) else Computing(function)
    with pytest.raises(NotImplementedError) as caught:
        mg.from_torch(module, *inputs)
    return str(caught.value)


def test_what_is_missing_is_named_with_its_line():
    text = refused(lambda z: torch.special.bessel_j0(z) + 1)
    assert re.fullmatch(
        r"from_torch: aten\.special_bessel_j0\.default: there is no operation for it here\.\n"
        rf"It is called at {HERE}return self\.function\(z\)",
        text,
    )


def test_a_submodule_is_named():
    assert refused(nn.Conv1d(4, 2, 1).double(), (X.T,)) == (
        "from_torch: aten.convolution.default: convolutions are left out here, to stay small.\n"
        "It is called at the module itself"
    )
    text = refused(nn.Sequential(nn.Linear(4, 4), nn.MaxPool1d(2)).double())
    assert text.endswith("pooling is left out here, to stay small.\nIt is called at 1 · MaxPool1d")


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (nn.Dropout(), "aten.native_dropout.default: in training it draws random numbers: call module.eval() first."),
        (
            nn.BatchNorm1d(4).double(),
            "aten._native_batch_norm_legit_functional.default: in training it changes its running means: "
            "call module.eval() first.",
        ),
    ],
)
def test_what_differs_in_training(module, why):
    assert refused(nn.Sequential(module)).startswith(f"from_torch: {why}\nIt is called at 0 · ")
    y, _ = mg.from_torch(module.eval(), X)
    torch.testing.assert_close(torch.from_numpy(y.value.copy()), module(X).detach())


def test_what_changes_gradients_alone_or_checks_its_operands():
    text = refused(nn.Embedding(4, 3, scale_grad_by_freq=True).double(), (torch.tensor([1, 1]),))
    assert "scale_grad_by_freq divides gradients, which is no part of what is computed" in text
    assert "from_torch: " in refused(lambda z: torch.linalg.inv(z @ z.T))
    with pytest.raises(Exception, match=r"aten\.equal") as caught:
        mg.from_torch(Computing(lambda z: torch.cov(z)), X)
    assert any("this is what torch.export says" in note for note in caught.value.__notes__)


def test_random_numbers():
    text = refused(lambda z: z + torch.rand(4))
    assert "aten.rand.default: it draws random numbers, which a graph does not: draw them outside, and give them" in text
    text = refused(lambda z: F.scaled_dot_product_attention(z, z, z, dropout_p=0.5))
    assert "aten.scaled_dot_product_attention.default: it draws random numbers for its dropout." in text


@pytest.mark.parametrize(
    "function",
    [
        lambda z: z.sort(dim=1).values,
        lambda z: z.topk(2).values,
        lambda z: z.argmax(dim=1) * z[:, 0],
        lambda z: z.max(dim=1).indices * z[:, 0],
    ],
)
def test_what_depends_on_values(function):
    assert "depends on values, and that is no part of a graph.\nIt is called at" in refused(function)


def test_norms_of_other_orders():
    text = refused(lambda z: torch.linalg.vector_norm(z, 3))
    assert "aten.linalg_vector_norm.default: of norms there are those of order 1 and 2, not 3.\n" in text


def test_rounding():
    text = refused(lambda z: z.long() * z)
    assert "aten._to_copy.default: it makes whole numbers of real ones, which has no derivative.\n" in text


def test_a_state_that_changes():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.zeros((), dtype=torch.float64))

        def forward(self, x):
            self.calls += 1
            return x * self.calls

    module = Counting()
    assert refused(module) == (
        "from_torch: in its forward pass the module changes 'calls', which a graph can't. "
        "If batch norm does it, call module.eval() first."
    )
    assert module.calls == 0


def test_a_changed_input():
    class Writing(nn.Module):
        def forward(self, x):
            x.add_(1)
            return x

    assert "the module changes 'x', which a graph can't." in refused(Writing())


def test_a_derivative_of_ones_own():
    class StraightThrough(torch.autograd.Function):
        @staticmethod
        def forward(context, z):
            return z.sign()

        @staticmethod
        def backward(context, gradient):
            return gradient

    assert refused(lambda z: StraightThrough.apply(z).sum()).startswith(
        "from_torch: the module uses StraightThrough, a torch.autograd.Function with a derivative of its own, which "
        "torch.export drops."
    )


def test_half_precision():
    assert refused(nn.Linear(4, 2).half(), (X.half(),)) == (
        "from_torch: 'weight' is of torch.float16. Write module.double() or module.float()."
    )


def test_what_torch_export_can_not_follow_keeps_its_own_words():
    with pytest.raises(Exception) as caught:
        mg.from_torch(Computing(lambda z: z if z.sum() > 0 else -z), X)
    assert "data-dependent" in str(caught.value)
    assert caught.value.__notes__[-1].startswith("mg.from_torch: this is what torch.export says")


def test_what_is_no_module():
    with pytest.raises(TypeError, match=r"^from_torch: a torch\.nn\.Module is needed, not <function .*\. What a function"):
        mg.from_torch(lambda x: x, X)


def test_a_module_that_gives_something_else_each_time():
    factors = itertools.count()

    class Random(nn.Module):
        def forward(self, x):
            return x * next(factors)

    with pytest.raises(RuntimeError, match=r"(?s)^from_torch: the module gives .* Does the module give the same"):
        mg.from_torch(Random(), X)
