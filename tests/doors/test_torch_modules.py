"""`mg.from_torch`: modules as people write them have the same values, gradients and second derivatives as in PyTorch."""

import doctest

import numpy as np
import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
nn, F = torch.nn, torch.nn.functional

from against_torch import assert_same, normal, seeded  # noqa: E402  it imports torch
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402


class Classifier(nn.Module):
    """A net with its cost, as for a loop of training."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1))

    def forward(self, x, y):
        z = self.net(x)
        return F.binary_cross_entropy_with_logits(z, y)


class Residual(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 6)
        self.outer = nn.Linear(6, width)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        h = F.gelu(self.inner(self.norm(x)))
        return x + self.drop(self.outer(h))


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Residual(), Residual()])
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x * self.scale


class Normalized(nn.Module):
    def __init__(self):
        super().__init__()
        self.lift = nn.Linear(3, 5, bias=False)
        self.norm = nn.BatchNorm1d(5)

    def forward(self, x):
        return F.silu(self.norm(self.lift(x)))


class Shared(nn.Module):
    """Two submodules with one weight, and one that is called twice."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(torch.tanh(self.first(torch.tanh(self.first(x)))))


class Gates(nn.Module):
    """What is drawn from one layer in parts."""

    def __init__(self):
        super().__init__()
        self.both = nn.Linear(3, 8)

    def forward(self, x):
        a, b = self.both(x).chunk(2, dim=-1)
        gate = torch.sigmoid(b)
        return torch.cat([a * gate, a.abs().mean(dim=1, keepdim=True)], dim=1)


class Attention(nn.Module):
    """By products, with a mask that is a buffer, as in small language models."""

    def __init__(self, width=6, heads=2, longest=8):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.register_buffer("mask", torch.tril(torch.ones(longest, longest)))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(width, dim=2))
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return self.out(y.transpose(1, 2).contiguous().view(batch, length, width))


class Language(nn.Module):
    """A small language model, with its cost."""

    def __init__(self, words=7, width=6):
        super().__init__()
        self.words, self.places = nn.Embedding(words, width), nn.Embedding(8, width)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = Attention(width)
        self.net = nn.Sequential(nn.Linear(width, 8), nn.GELU(), nn.Linear(8, width), nn.Dropout(0.1))
        self.head = nn.Linear(width, words, bias=False)
        self.head.weight = self.words.weight

    def forward(self, tokens, targets):
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1]))
        x = x + self.attention(self.norms[0](x))
        x = x + self.net(self.norms[1](x))
        logits = self.head(x)
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1))


class Recurrent(nn.Module):
    """Steps of time in a loop."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 4)

    def forward(self, x):
        h = torch.zeros(x.shape[0], 4, dtype=x.dtype)
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
        return h


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True, activation="gelu")

    def forward(self, x):
        return self.layer(x).mean(dim=1)


class Experts(nn.Module):
    """Two nets, and how much each counts."""

    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleDict({name: nn.Linear(3, 2) for name in ("a", "b")})
        self.gate = nn.Linear(3, 2)

    def forward(self, x):
        weights = self.gate(x).softmax(dim=-1)
        outputs = torch.stack([self.experts["a"](x), self.experts["b"](x)], dim=1)
        return torch.einsum("mk,mkj->mj", weights, outputs)


def batch_normalized():
    module = seeded(Normalized())
    module(normal(20, 3))  # so that the running means are not 0
    return module.eval()


class First(nn.Module):
    """The first output of a module."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return self.module(x)[0]


class Autoencoder(nn.Module):
    """With a weight that is used in both directions, and a penalty."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2, 3))
        self.bias = nn.Parameter(torch.empty(3))

    def forward(self, x):
        code = F.elu(F.linear(x, self.weight))
        back = code @ self.weight + self.bias
        return F.mse_loss(back, x) + 0.01 * sum(parameter.pow(2).sum() for parameter in self.parameters())


TOKENS = torch.tensor([[0, 3, 5, 5, 1], [6, 2, 0, 4, 2]])
CASES = {
    "sequential": (lambda: seeded(nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2))), (normal(6, 3),)),
    "classifier": (lambda: seeded(Classifier()), (normal(6, 3), (normal(6, 1) > 0).double())),
    "residual": (lambda: seeded(Residual()).eval(), (normal(5, 4),)),
    "stack": (lambda: seeded(Stack()).eval(), (normal(5, 4),)),
    "batch norm": (batch_normalized, (normal(5, 3),)),
    "shared": (lambda: seeded(Shared()), (normal(5, 4),)),
    "attention": (lambda: seeded(Attention()), (normal(2, 5, 6),)),
    "language model": (lambda: seeded(Language()).eval(), (TOKENS[:, :-1], TOKENS[:, 1:])),
    "recurrent": (lambda: seeded(Recurrent()), (normal(2, 3, 3),)),
    "long short-term memory": (lambda: seeded(First(nn.LSTM(3, 4, batch_first=True))), (normal(2, 3, 3),)),
    "transformer": (lambda: seeded(Encoder()).eval(), (normal(2, 4, 6),)),
    "experts": (lambda: seeded(Experts()), (normal(5, 3),)),
    "autoencoder": (lambda: seeded(Autoencoder()), (normal(5, 3),)),
    "gates": (lambda: seeded(Gates()), (normal(5, 3),)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:The tensor attributes self.module._flat_weights")  # of LSTM, by torch.export
@pytest.mark.parametrize("case", CASES)
def test_a_module_has_the_values_and_derivatives_that_it_has_in_torch(case):
    make, inputs = CASES[case]
    with sdpa_kernel(SDPBackend.MATH):  # the others have no second derivatives
        assert_same(make(), *inputs)


def test_a_module_of_float32_gives_nodes_of_float32():
    y, n = assert_same(seeded(Residual(), torch.float32).eval(), normal(5, 4).float(), tolerance=1e-5)
    assert {node.dtype for node in [y, *n.values()]} == {np.dtype(np.float32)}


def test_the_example_of_the_docstring():
    text = mg.from_torch.__doc__.replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {"torch": torch}, "from_torch", None, 0)
    assert len(example.examples) == 5
    assert doctest.DocTestRunner().run(example).failed == 0
