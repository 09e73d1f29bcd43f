"""`mg.from_torch`: modules as people write them have the same values, gradients and second derivatives as in PyTorch."""

import doctest

import numpy as np
import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
nn, F = torch.nn, torch.nn.functional


def near(found, expected, tolerance=1e-12):
    """Equal to rounding, measured by the largest entry."""
    found, expected = np.asarray(found), expected.detach().numpy()
    assert found.shape == expected.shape and found.dtype == expected.dtype
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * scale


def assert_same(module, *inputs, tolerance=1e-12):
    """Values, gradients by all parameters, and the product of second derivatives with a vector; the nodes are returned."""
    y, n = mg.from_torch(module, *inputs)
    expected = module(*inputs)
    near(y.value, expected, tolerance)
    parameters = dict(module.named_parameters())
    assert {name for name, node in n.items() if node.role == "parameter"} >= set(parameters)
    random = torch.Generator().manual_seed(0)
    seed = torch.randn(expected.shape, generator=random, dtype=expected.dtype)
    vectors = {name: torch.randn(p.shape, generator=random, dtype=p.dtype) for name, p in parameters.items()}
    J = (y * seed.numpy()).sum()
    slopes = torch.autograd.grad((expected * seed).sum(), list(parameters.values()), create_graph=True)
    for name, slope, node in zip(parameters, slopes, mg.grad(J, [n[name] for name in parameters]), strict=True):
        near(node.value, slope, tolerance)
        near(n[name].value, parameters[name])
    along = sum((slope * vectors[name]).sum() for name, slope in zip(parameters, slopes, strict=True))
    curved = torch.autograd.grad(along, list(parameters.values()), allow_unused=True) if along.requires_grad else []
    products = mg.hvp(J, [n[name] for name in parameters], [vectors[name].numpy() for name in parameters])
    for right, node in zip(curved, products, strict=True):
        near(node.value, torch.zeros(node.shape, dtype=expected.dtype) if right is None else right, tolerance)
    return y, n


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def seeded(module, dtype=torch.float64):
    """The module with parameters that are drawn anew, buffers as they are."""
    random = torch.Generator().manual_seed(1)
    module = module.to(dtype)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=torch.float64) / 2)
    return module


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


def batch_normalized():
    module = seeded(Normalized())
    module(normal(20, 3))  # so that the running means are not 0
    return module.eval()


CASES = {
    "sequential": (lambda: seeded(nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2))), (normal(6, 3),)),
    "classifier": (lambda: seeded(Classifier()), (normal(6, 3), (normal(6, 1) > 0).double())),
    "residual": (lambda: seeded(Residual()).eval(), (normal(5, 4),)),
    "stack": (lambda: seeded(Stack()).eval(), (normal(5, 4),)),
    "batch norm": (batch_normalized, (normal(5, 3),)),
    "shared": (lambda: seeded(Shared()), (normal(5, 4),)),
    "gates": (lambda: seeded(Gates()), (normal(5, 3),)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_module_has_the_values_and_derivatives_that_it_has_in_torch(case):
    make, inputs = CASES[case]
    assert_same(make(), *inputs)


def test_a_module_of_float32_gives_nodes_of_float32():
    y, n = assert_same(seeded(Residual(), torch.float32).eval(), normal(5, 4).float(), tolerance=1e-5)
    assert {node.dtype for node in [y, *n.values()]} == {np.dtype(np.float32)}


def test_the_example_of_the_docstring():
    text = mg.from_torch.__doc__.replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {"torch": torch}, "from_torch", None, 0)
    assert len(example.examples) == 5
    assert doctest.DocTestRunner().run(example).failed == 0
