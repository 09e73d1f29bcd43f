"""Each function of PyTorch that `mg.from_torch` knows: values, gradients and second derivatives, at kinks and bounds too."""

from functools import cache

import numpy as np
import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
nn, F = torch.nn, torch.nn.functional

from against_torch import assert_same, assert_same_derivatives, near, normal  # noqa: E402  it imports torch
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402


class Applied(nn.Module):
    """A function of a product with a parameter, and of the other inputs."""

    def __init__(self, function, parameter=None):
        super().__init__()
        self.function = function
        self.w = nn.Parameter(normal(4, 6, seed=1) if parameter is None else parameter)

    def forward(self, x, *others):
        return self.function(x @ self.w, *others)


X = normal(5, 4)
Y = normal(5, 6, seed=2)
LABELS = torch.tensor([0, 1, 2, 5, 3])
WEIGHTS = torch.linspace(0.5, 2, 6, dtype=torch.float64)


def assigned(z):
    y = z.clone()
    y[:, 0] = 0
    y[1] = y[2] * 2
    y[3, 1:3] = z[0, :2]
    return y


ENTRIES = {
    "abs": torch.abs,
    "acos": lambda z: torch.acos(torch.tanh(z) / 2),
    "add": lambda z: torch.add(z, z * z, alpha=3),
    "asin": lambda z: torch.asin(torch.tanh(z) / 2),
    "atan": torch.atan,
    "clamp": lambda z: z.clamp(-0.5, 0.5),
    "clamp_max": lambda z: z.clamp(max=0.5),
    "clamp_min": lambda z: torch.clamp_min(z, 0.5),
    "clamp of tensors": lambda z: z.clamp(-z * z, z * z),
    "comparisons": lambda z: (
        ((z > 0) & (z < 1)) * z + (z >= 0.5) * z**2 - (z <= -1) * z + ((z == z) | ~(z != 0)) * z + torch.eq(z, 1).double()
    ),
    "softplus with a low threshold": lambda z: F.softplus(3 * z, beta=2, threshold=1),
    "cos": torch.cos,
    "cosh": torch.cosh,
    "detach": lambda z: z.detach() * z + (z * 2).detach_() * z,
    "div": lambda z: z / (1 + z * z) + 2 / (3 + z * z),
    "erf": torch.erf,
    "exp": torch.exp,
    "exp2": torch.exp2,
    "expm1": torch.expm1,
    "lerp": lambda z: torch.lerp(z, z * z, 0.3),
    "log": lambda z: torch.log(z * z) + torch.log2(1 + z * z) + torch.log10(2 + z * z),
    "log1p": lambda z: torch.log1p(z * z),
    "logaddexp": lambda z: torch.logaddexp(z, z * z),
    "masked_fill": lambda z: z.masked_fill(z > 0, 0.5),
    "maximum": lambda z: torch.maximum(z, z * z) + torch.minimum(z, 0.3 * z),
    "neg": lambda z: -z,
    "no_grad": lambda z: without_gradient(z) * z,
    "pow": lambda z: z**3 + (1 + z * z) ** z + 2**z + z**-2,
    "reciprocal": torch.reciprocal,
    "rsqrt": lambda z: torch.rsqrt(1 + z * z),
    "rsub": lambda z: 1 - z + torch.rsub(z, z * z, alpha=2),
    "sign": lambda z: torch.sign(z) * z,
    "sin": torch.sin,
    "sinh": torch.sinh,
    "sqrt": lambda z: torch.sqrt(1 + z * z),
    "square": torch.square,
    "sub": lambda z: torch.sub(z, z * z, alpha=2),
    "tan": lambda z: torch.tan(z / 3),
    "where": lambda z: torch.where(z > 0, z, z * z) + torch.where(Y > 0, 1.0, z) + torch.where(z > 1, z, 0.5),
    "written into": lambda z: (z * 1).mul_(2).add_(1).relu_(),
    "xlogy": lambda z: torch.xlogy(z * z, 1 + z * z),
}


def without_gradient(z):
    with torch.no_grad():
        y = z * 2
        return y + z


ACTIVATIONS = [
    nn.CELU(0.5), nn.ELU(), nn.GELU(), nn.GELU("tanh"), nn.GLU(), nn.Hardshrink(), nn.Hardsigmoid(), nn.Hardswish(),
    nn.Hardtanh(-0.5, 1.5), nn.LeakyReLU(0.2), nn.LogSigmoid(), nn.LogSoftmax(1), nn.Mish(), nn.PReLU(), nn.ReLU(),
    nn.ReLU6(), nn.SELU(), nn.SiLU(), nn.Sigmoid(), nn.Softmax(0), nn.Softmin(1), nn.Softplus(), nn.Softplus(2.0),
    nn.Softshrink(), nn.Softsign(), nn.Tanh(), nn.Tanhshrink(), nn.Threshold(0.1, 0.7),
]  # fmt: skip

REDUCTIONS = {
    "amax": lambda z: z.amax(1) + z.amax(),
    "amin": lambda z: z.amin((0, 1), keepdim=True),
    "cumsum": lambda z: z.cumsum(1),
    "logsumexp": lambda z: z.logsumexp(1),
    "max": lambda z: z.max() + z.max(1).values,
    "mean": lambda z: z.mean() + z.mean(1, keepdim=True),
    "min": lambda z: z.min() - z.min(0, keepdim=True).values,
    "norm": lambda z: z.norm() + z.norm(dim=1) + torch.linalg.vector_norm(z, 1),
    "normalize": lambda z: F.normalize(z),
    "prod": lambda z: z.prod() + z.prod(1),
    "std": lambda z: z.std(0) + z.std(unbiased=False),
    "sum": lambda z: z.sum() + z.sum((0, 1)) + z.sum(-1),
    "var": lambda z: z.var(1) + z.var(1, correction=0) + z.var(),
    "var_mean": lambda z: torch.var_mean(z, 1)[0] * torch.var_mean(z, 1, keepdim=True)[1],
}

SHAPES = {
    "cat": lambda z: torch.cat([z, z * 2], 1),
    "chunk": lambda z: z.chunk(2, 1)[1],
    "contiguous": lambda z: z.T.contiguous(),
    "expand": lambda z: z[:, None].expand(-1, 3, -1) * z[:, :3, None],
    "flatten": lambda z: z.flatten(),
    "flip": lambda z: z.flip(0, 1),
    "full_like": lambda z: torch.full_like(z, 2) * z + torch.zeros_like(z) + z.new_ones(6),
    "gather": lambda z: z.gather(1, torch.tensor([[0, 1], [2, 2], [5, 5]])),
    "index": lambda z: z[[0, 2, 2]] + z[torch.tensor([0, 2, 4]), torch.tensor([1, 1, 3])][:, None],
    "index of an axis": lambda z: z[:, torch.tensor([1, 1, 5])],
    "index_select": lambda z: z.index_select(1, torch.tensor([0, 0, 3])),
    "movedim": lambda z: z[None].movedim(0, 2),
    "mT": lambda z: z.mT,
    "narrow": lambda z: z.narrow(1, 1, 2),
    "pad": lambda z: F.pad(z, (1, 2)) * F.pad(z, (-1, 4, 0, 0), value=0.5),
    "permute": lambda z: z.view(5, 2, 3).permute(2, 0, 1),
    "repeat": lambda z: z.repeat(2, 1),
    "repeat_interleave": lambda z: z.repeat_interleave(2, 1),
    "reshape": lambda z: z.T.reshape(-1, 5),
    "roll": lambda z: z.roll(1, 1),
    "select": lambda z: z[1] * z[:, -1].sum(),
    "setitem": assigned,
    "slice": lambda z: z[1:, ::2],
    "split": lambda z: z.split([1, 2, 3], 1)[2],
    "squeeze": lambda z: z[:1].squeeze() + z[None].squeeze(0)[:, :1].sum(),
    "stack": lambda z: torch.stack([z, z * 2], 1),
    "tril": lambda z: z.tril() + z.triu(1),
    "unbind": lambda z: z.unbind(1)[2],
    "unsqueeze": lambda z: z.unsqueeze(1) * z.unsqueeze(-1),
}

PRODUCTS = {
    "group_norm": lambda z: F.group_norm(z, 2) + F.group_norm(z[:, :, None], 3, z[0], z[1])[:, :, 0],
    "addmm": lambda z: torch.addmm(z[:, :5], z, z.T, beta=0.5, alpha=2),
    "attention": lambda z: F.scaled_dot_product_attention(z[None], z[None, :3], z[None, 1:4]),
    "attention to what was before": lambda z: F.scaled_dot_product_attention(z[None], z[None], z[None], is_causal=True),
    "attention with a mask": lambda z: F.scaled_dot_product_attention(z, z, z, torch.eye(5).double(), scale=0.3),
    "attention where a mask allows it": lambda z: F.scaled_dot_product_attention(z, z, z, torch.ones(5, 5).tril().bool()),
    "baddbmm": lambda z: torch.baddbmm(z[None, :, :5], z[None], z.T[None]),
    "bilinear": lambda z: F.bilinear(z, z[:, :2], z.reshape(5, 6, 1)[:, :, [0, 0]], z[:5, 0]),
    "bmm": lambda z: torch.bmm(z.view(5, 2, 3), z.view(5, 3, 2)),
    "broadcast matmul": lambda z: z.view(5, 1, 2, 3) @ z.view(5, 3, 2),
    "dot": lambda z: z[0] @ z[1],
    "einsum": lambda z: torch.einsum("bij,bkj->bik", z.view(5, 2, 3), z.view(5, 2, 3)),
    "einsum of three": lambda z: torch.einsum("ij,kj,k->i", z, z, z[:, 0]),
    "linear": lambda z: F.linear(z.view(5, 2, 3), z[:4, :3], z[0, :4]),
    "linear of a vector": lambda z: F.linear(z[0], z[1:]),
    "matmul with a matrix": lambda z: z.view(5, 2, 3) @ z[:3, :2],
    "mm": lambda z: z @ z.T,
    "mv": lambda z: z @ z[0],
    "outer": lambda z: torch.outer(z[0], z[1]),
}
ACTIVATIONS = {str(module): module for module in ACTIVATIONS}
TABLES = {"entries": ENTRIES, "activations": ACTIVATIONS, "reductions": REDUCTIONS, "shapes": SHAPES, "products": PRODUCTS}


class All(nn.Module):
    """All functions of a table, of the same product with a parameter: torch.export takes long, and so is called once."""

    def __init__(self, functions, parameter):
        super().__init__()
        self.functions = functions
        self.submodules = nn.ModuleList(function for function in functions.values() if isinstance(function, nn.Module))
        self.w = nn.Parameter(parameter)

    def forward(self, x):
        z = x @ self.w
        return {name: function(z) for name, function in self.functions.items()}


@cache
def read(table):
    module = All(TABLES[table], normal(4, 6, seed=1)).double()
    return module, *mg.from_torch(module, X)


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, functions in TABLES.items() for name in functions])
def test_a_function(table, name):
    module, outputs, n = read(table)
    with sdpa_kernel(SDPBackend.MATH):  # the others have no second derivatives
        expected = module.functions[name](X @ module.w)
    near(outputs[name].value, expected)
    if name == "Hardsigmoid()":  # PyTorch divides by 6 in float32, and has no second derivative
        (slope,) = torch.autograd.grad(expected.sum(), module.w)
        near(mg.grad(outputs[name].sum(), n["w"]).value, slope, 1e-7)
    else:
        assert_same_derivatives(expected, outputs[name], {"w": module.w}, n)


KINKED = {
    "abs": torch.abs,
    "clamp": lambda z: z.clamp(0, 1),
    "clamp of tensors": lambda z: torch.clamp(z, torch.zeros(3, 3), torch.ones(3)) + torch.clamp_max(z, torch.ones(3, 3)),
    "clamp_max": lambda z: z.clamp(max=0),
    "clamp_min": lambda z: z.clamp(min=1),
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "hardtanh": lambda z: F.hardtanh(z, 0, 1),
    "max": lambda z: z.max() * torch.ones(3, 3),
    "maximum": lambda z: torch.maximum(z, torch.zeros(())) + torch.minimum(z, torch.ones(())),
    "norm": lambda z: z[0].norm() * torch.ones(3, 3),
    "pow": lambda z: z**0 + z**1 + z**2,
    "relu": torch.relu,
    "relu6": lambda z: F.relu6(z * 6),
    "sign": lambda z: torch.sign(z) * z,
    "threshold": lambda z: F.threshold(z, 0, 1),
    "where": lambda z: torch.where(z > 0, z, 2 * z),
}


@cache
def at_kinks():
    module = All(KINKED, torch.tensor([[0.0, 0, 0], [-1, 0, 1], [1, 1, 2]], dtype=torch.float64))
    return module, *mg.from_torch(module, torch.eye(3).double())


@pytest.mark.parametrize("name", KINKED)
def test_derivatives_at_kinks_are_those_of_torch(name):
    module, outputs, n = at_kinks()
    expected = module.functions[name](torch.eye(3).double() @ module.w)
    near(outputs[name].value, expected)
    (slope,) = torch.autograd.grad(expected.sum(), module.w)
    near(mg.grad(outputs[name].sum(), n["w"], allow_unused=True).value, slope)


LOSSES = {
    **{
        f"{kind.__name__} {reduction}": (kind(reduction=reduction), targets)
        for reduction in ("mean", "sum", "none")
        for kind, targets in [
            (nn.MSELoss, Y),
            (nn.L1Loss, Y),
            (nn.SmoothL1Loss, Y),
            (nn.HuberLoss, Y),
            (nn.BCEWithLogitsLoss, (Y > 0).double()),
            (nn.CrossEntropyLoss, LABELS),
            (nn.NLLLoss, LABELS),
            (nn.SoftMarginLoss, torch.sign(Y)),
        ]
    },
    "KLDivLoss": (nn.KLDivLoss(reduction="batchmean"), torch.softmax(Y, 1)),
    "CrossEntropyLoss of probabilities": (nn.CrossEntropyLoss(), torch.softmax(Y, 1)),
    "CrossEntropyLoss with weights": (nn.CrossEntropyLoss(weight=WEIGHTS), LABELS),
    "CrossEntropyLoss of probabilities with weights": (
        nn.CrossEntropyLoss(WEIGHTS, label_smoothing=0.1),
        torch.softmax(Y, 1),
    ),
    "CrossEntropyLoss without some": (nn.CrossEntropyLoss(ignore_index=2), LABELS),
    "CrossEntropyLoss, smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), LABELS),
    "CrossEntropyLoss, all": (nn.CrossEntropyLoss(WEIGHTS, ignore_index=5, label_smoothing=0.2), LABELS),
    "CrossEntropyLoss of one": (lambda z, y: F.cross_entropy(z[0], y), torch.tensor(3)),
    "BCEWithLogitsLoss with weights": (nn.BCEWithLogitsLoss(Y * Y, pos_weight=WEIGHTS), (Y > 0).double()),
    "BCELoss": (lambda z, y: F.binary_cross_entropy(torch.sigmoid(z / 4), y), torch.sigmoid(Y)),
    "MultiLabelSoftMarginLoss": (nn.MultiLabelSoftMarginLoss(), (Y > 0).double()),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss(), torch.sign(Y)),
    "PoissonNLLLoss": (nn.PoissonNLLLoss(), torch.round(Y * Y)),
    "cosine_similarity": (F.cosine_similarity, Y),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss(name):
    loss, targets = LOSSES[name]
    assert_same(Applied(loss).double(), X, targets)


def test_a_loss_of_float32_and_labels_stays_in_float32():
    y, n = mg.from_torch(Applied(nn.CrossEntropyLoss()).float(), X.float(), LABELS)
    assert y.dtype == n["others_0"].dtype == np.float32


def test_what_is_left_out_of_cross_entropy():
    with pytest.raises(NotImplementedError, match=r"cross_entropy_loss\.default: it is there for rows of logits only"):
        mg.from_torch(Applied(lambda z, y: F.cross_entropy(z.T[None], y[None])).double(), X, LABELS)


def test_the_row_of_the_padding_is_not_learned():
    module = nn.Embedding(5, 3, padding_idx=1, dtype=torch.float64)
    with torch.no_grad():
        module.weight.copy_(normal(5, 3))
    words = torch.tensor([[1, 0, 4], [1, 1, 2]])
    assert_same(module, words)
    y, n = mg.from_torch(module, words)
    gradient = mg.grad((y * y).sum(), n["weight"]).value
    assert gradient[1].tolist() == [0, 0, 0] and gradient[0].tolist() == (2 * module.weight[0]).tolist()
