"""A module of PyTorch beside its graph: values, gradients and second derivatives."""

import numpy as np
import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")  # doctests are looked for here too

torch.set_num_threads(1)  # the arrays are small


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
    for name, parameter in parameters.items():
        near(n[name].value, parameter)
    assert_same_derivatives(expected, y, parameters, n, tolerance)
    return y, n


def assert_same_derivatives(expected, y, parameters, n, tolerance=1e-12):
    """Those of a tensor and of its node, by the parameters with these names."""
    random = torch.Generator().manual_seed(0)
    seed = torch.randn(expected.shape, generator=random, dtype=expected.dtype)
    vectors = {name: torch.randn(p.shape, generator=random, dtype=p.dtype) for name, p in parameters.items()}
    J, leaves, given = (y * seed.numpy()).sum(), [n[name] for name in parameters], list(parameters.values())
    slopes = torch.autograd.grad((expected * seed).sum(), given, create_graph=True)
    for slope, node in zip(slopes, mg.grad(J, leaves), strict=True):
        near(node.value, slope, tolerance)
    along = sum((slope * vector).sum() for slope, vector in zip(slopes, vectors.values(), strict=True))
    straight = [None] * len(given)
    curved = torch.autograd.grad(along, given, allow_unused=True) if along.requires_grad else straight
    products = mg.hvp(J, leaves, [vector.numpy() for vector in vectors.values()])
    for right, node in zip(curved, products, strict=True):
        near(node.value, torch.zeros(node.shape, dtype=expected.dtype) if right is None else right, tolerance)


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
