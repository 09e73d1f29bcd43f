"""What `mg.from_torch` calls things, where they stand, what is constant, and what it returns."""

from pathlib import Path

import numpy as np
import pytest

import minigraph as mg

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e '.[doors]'")
nn, F = torch.nn, torch.nn.functional


def normal(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def line_of(code):
    """The place of the line of this file that begins so."""
    lines = Path(__file__).read_text("utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if line.strip() == code)
    return f"{__file__}:{number}"


def titles(group):
    return [] if group is None else [*titles(group.parent), group.title]


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        squashed = torch.tanh(self.fc(x))
        return squashed + x


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Inner()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 2)])
        self.register_buffer("shift", torch.ones(4))

    def forward(self, x, *, weight):
        h: torch.Tensor = self.first(x)
        h = self.first(h)
        h *= weight
        for layer in self.layers:
            h = layer(h)
        return {"total": h.sum(), "both": (h, x + self.shift), "size": 4}


@pytest.fixture(scope="module")
def outer():
    return mg.from_torch(Outer().double(), normal(5, 4), weight=normal(5, 1))


def test_nodes_have_the_names_of_the_module(outer):
    _, n = outer
    parameters = ["first.fc.weight", "first.fc.bias", "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    leaves = [*parameters, "x", "weight", "shift"]
    assert [name for name, node in n.items() if node.op is None] == leaves
    assert {name: n[name].role for name in leaves} == {
        name: "parameter" if name in parameters else "data" for name in leaves
    }
    steps = [
        *["first.fc_1", "first.squashed_1", "h1"],
        *["first.fc_2", "first.squashed_2", "h2", "h3", "layers.0", "h4"],
    ]
    assert [name for name, node in n.items() if node.op is not None] == steps
    assert all(node.name == name for name, node in n.items())
    assert n["h"] is n.h4 and n["first.fc"] is n["first.fc_2"]


def test_submodules_are_groups_and_inputs_are_told_to_be_rows(outer):
    _, n = outer
    assert titles(n["first.squashed_1"].group) == ["first · Inner"]
    assert titles(n["first.fc_1"].group) == ["first · Inner", "first.fc · Linear"]
    assert n["first.fc_1"].group is not n["first.fc_2"].group  # each call has a box of its own
    assert titles(n["layers.0"].group) == ["layers.0 · Linear"]
    assert n["h3"].group is None
    assert titles(n["x"].group) == titles(n["weight"].group) == ["Inputs · examples are rows"]
    assert "examples are rows" in mg.draw(n["h4"].sum(), "forward").source
    assert "examples are rows" in mg.draw(n["h4"].sum(), "backward", level="groups").source


def test_nodes_know_their_line_in_the_module(outer):
    _, n = outer
    assert n["first.squashed_1"].made_at == line_of("squashed = torch.tanh(self.fc(x))")
    assert n["first.fc_1"].made_at == line_of("squashed = torch.tanh(self.fc(x))")
    assert n["h3"].made_at == line_of("h *= weight")
    assert n["x"].made_at.startswith(__file__)


def test_outputs_have_the_form_that_the_module_gives_them(outer):
    y, n = outer
    assert list(y) == ["total", "both", "size"] and y["size"] == 4
    assert y["both"][0] is n["h4"]
    assert y["total"].shape == () and y["total"].inputs == (n["h4"],)
    np.testing.assert_array_equal(y["both"][1].value, n["x"].value + 1)


def test_an_input_that_is_returned_and_a_constant_that_is():
    class Through(nn.Module):
        def forward(self, x, scale=2):
            return x, torch.arange(3) * scale, None

    (x, constant, nothing), n = mg.from_torch(Through(), normal(2, 3), scale=5)
    assert x is n["x"] and nothing is None
    np.testing.assert_array_equal(constant.value, [0, 5, 10])


def test_a_vector_is_not_said_to_have_rows():
    y, n = mg.from_torch(nn.Linear(3, 2).double(), normal(3))
    assert n["input"].group is None and y.group is None
    assert list(n) == ["weight", "bias", "input"]


def test_modules_with_numbers_for_names():
    y, n = mg.from_torch(nn.Sequential(nn.Linear(3, 2), nn.ReLU()).double(), normal(4, 3))
    assert list(n) == ["0.weight", "0.bias", "input", "Linear_0", "ReLU_1"]
    assert y is n["ReLU_1"] and titles(y.group) == ["1 · ReLU"]


def test_a_shared_parameter_is_one_leaf_with_all_its_names():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
            self.b.weight = self.a.weight

        def forward(self, x):
            return self.b(self.a(x))

    y, n = mg.from_torch(Tied().double(), normal(2, 3))
    assert n["a.weight"] is n["b.weight"]
    assert n["a.weight"].name == "a.weight"
    assert list(mg.backward(y.sum()).gradients)[-1] is n["a.weight"]


def test_a_frozen_parameter_is_data():
    module = nn.Linear(3, 2).double()
    module.bias.requires_grad_(False)
    _, n = mg.from_torch(module, normal(2, 3))
    assert n["weight"].role == "parameter" and n["bias"].role == "data"


def test_values_are_copied():
    module = nn.Linear(3, 2).double()
    _, n = mg.from_torch(module, normal(2, 3))
    before = n["weight"].value.copy()
    with torch.no_grad():
        module.weight += 1
    np.testing.assert_array_equal(n["weight"].value, before)
    n["weight"].value = before - 1
    np.testing.assert_array_equal(module.weight.detach().numpy(), before + 1)


def test_what_depends_on_nothing_is_computed_once():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("below", torch.tril(torch.ones(4, 4)))

        def forward(self, x):
            positions = torch.arange(x.shape[1]) / 4
            return x * (self.below[:2] == 1) + positions

    y, n = mg.from_torch(Masked().double(), normal(2, 4))
    assert list(n) == ["x"]
    mask, positions = y.inputs[0].inputs[1], y.inputs[1]
    assert mask.role == positions.role == "literal"
    np.testing.assert_array_equal(mask.value, np.tril(np.ones((4, 4)))[:2])
    np.testing.assert_array_equal(positions.value, [0, 0.25, 0.5, 0.75])


def test_new_values_of_inputs_give_what_the_module_gives():
    module = nn.Sequential(nn.Linear(3, 2), nn.Tanh()).double()
    y, n = mg.from_torch(module, normal(4, 3))
    n["input"].value = (normal(4, 3) + 1).numpy()
    np.testing.assert_allclose(y.value, module(normal(4, 3) + 1).detach().numpy(), rtol=1e-14)


def test_a_name_that_an_input_has_is_numbered_from_two():
    class Again(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.ones(3))

        def forward(self, x, w):
            x = x * self.w
            x = x + w
            return torch.tanh(x)

    class Below(Again):
        def forward(self, x, w):
            y = super().forward(x, w)
            return y

    _, n = mg.from_torch(Below().double(), normal(2, 3), normal(2, 3))
    assert list(n) == ["w", "x", "w2", "x2", "x3", "y"]
    assert n["w"].role == "parameter" and n["w2"].role == "data"
