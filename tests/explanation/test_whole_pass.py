import numpy as np

import minigraph as mg


def test_numbers(chain):
    assert str(chain.J.backward()).splitlines() == [
        "Backward pass from J: it starts with ∂J/∂J = 1",
        "   from  to  upstream, through the local derivative  brings",
        "1  J     v   ∂J/∂J·3                                 1 · 3 = 3",
        "2  v     a   ∂J/∂v                                   3 · 1 = 3",
        "3  v     u   ∂J/∂v                                   3 · 1 = 3",
        "4  u     b   ∂J/∂u·c                                 3 · 2 = 6",
        "5  u     c   ∂J/∂u·b                                 3 · 3 = 9",
    ]


def test_running_totals_and_unnamed_nodes():
    b = mg.parameter(1.0, "b")
    lines = str(((2 + b) * (b - 3)).backward()).splitlines()
    assert lines[0] == "Backward pass from output: it starts with ∂output/∂output = 1"
    assert lines[2].split()[:2] == ["1", "output"]
    assert "∂output/∂output·(b − 3)" in lines[2] and "1 · (−2) = −2" in lines[2]
    assert "∂output/∂(2 + b)" in lines[-1]
    assert [line.split()[-1] for line in lines[-2:]] == ["3", "1"]


def test_arrays(net):
    lines = str(net.J.backward()).splitlines()
    assert any("∂J/∂Z1, summed to (4, 1)" in line for line in lines)
    assert any("∂J/∂(W1 X) · Xᵀ" in line and "(4, 2) with norm" in line for line in lines)
    x = mg.parameter(2.0, "x")
    assert "summed to a scalar" in str((x * np.ones(3)).sum().backward())


def test_long_passes_are_cut_in_the_middle():
    node = mg.parameter(0.5, "x")
    for _ in range(100):
        node = mg.tanh(node)
    lines = str(node.backward()).splitlines()
    assert sum(not line.startswith("where ") for line in lines) == 2 + 60 + 1
    assert lines[32] == "… 40 more lines …"


def test_a_pass_from_a_leaf_has_no_lines():
    told = str(mg.parameter(2.0, "w").backward())
    assert told == "Backward pass from w: it starts with ∂w/∂w = 1, and goes no further: that is a leaf."


def test_the_short_form_stays(chain):
    assert repr(chain.J.backward()) == "<backward pass from 'J' is (): 6 gradients, 5 contributions>"
