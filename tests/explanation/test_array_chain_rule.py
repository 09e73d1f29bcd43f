"""Explanations of gradients that are arrays."""

import numpy as np
import pytest

import minigraph as mg


def lines(*arguments, **options):
    return str(mg.explain(*arguments, **options)).splitlines()


def test_weights_and_the_order_of_the_product(net):
    told = lines(net.J, net.W1)
    assert told[0] == (
        "J = mean BCE(σ(W2 ReLU(W1 X + b1) + b2), Y) with X (2, 7), Y (1, 7), W1 (4, 2), b1 (4, 1), W2 (1, 4), b2 (1, 1)"
    )
    assert told[2] == "Back from J to W1:"
    assert "  ∂J/∂A1 = W2ᵀ · ∂J/∂Z2   (4, 1)·(1, 7) → (4, 7)" in told
    assert "  ∂J/∂Z1 = ∂J/∂A1 ⊙ [Z1 > 0]   (4, 7)" in told
    assert "  ∂J/∂W1 = ∂J/∂Z1 · Xᵀ   (4, 7)·(7, 2) → (4, 2)" in told
    assert "  ∂J/∂W1 = ((W2ᵀ · (∂J/∂A2 ⊙ A2 ⊙ (1 − A2))) ⊙ [Z1 > 0]) · Xᵀ" in told
    assert "  ∂J/∂W1[i, k] = Σₚ ∂J/∂Z1[i, p] · X[k, p]   p = 0 … 6" in told
    assert "  because W1[i, k] has a part in Z1[i, p] for every p, each time with the factor X[k, p]." in told
    assert "  No other order of the two, and no other transposes, give the shape (4, 2)." in told


@pytest.mark.parametrize("form", ["exact", "notes"])
def test_where_J_is_a_product_of_matrices_the_gradient_above_has_its_name(form):
    W, X = mg.parameter([[1.0, 2.0]], "W"), mg.data([[3.0], [4.0]], "X")
    above, below = ("∂C/∂C", "∂C/∂W") if form == "exact" else ("dC", "dW")
    told = lines((W @ X).named("C"), W, form=form)
    assert f"  {below} = {above} · Xᵀ   (1, 1)·(1, 2) → (1, 2)" in told
    assert "literal" not in "\n".join(told) and f"{below} is [3 4]." in told
    w, x = mg.parameter([[2.0]], "w"), mg.data([[3.0]], "x")
    assert "  ∂J/∂w = x   (1, 1)" in lines((w * x).named("J"), w)  # a 1 that need not be written is not written


def test_one_formula_is_only_as_long_as_can_be_read(net):
    node = net.A2
    for i in range(3):
        node = (node * mg.data(np.ones((1, 7)), f"a rather long name for number {i}")).named(f"R{i}")
    told = lines(node.mean().named("J"), net.Z2)
    assert told[told.index("In one formula:") + 1].startswith("  ∂J/∂Z2 = ∂J/∂R1 ⊙ a rather")


def test_what_gets_no_shorter_is_not_said_to_cancel():
    z, y = mg.parameter([[1.0], [2.0]], "z"), mg.data([[1.0], [0.0]], "y")
    s = mg.softmax(z).named("s")
    assert "Where did" not in str(mg.explain((-(y * mg.log(s)).sum(0, keepdims=True)).mean().named("J"), z))


def test_equal_sizes_are_not_said_to_decide():
    W, x = mg.parameter(np.eye(3), "W"), mg.data(np.ones((3, 3)), "x")
    told = lines(((W @ x) * (W @ x)).sum().named("J"), W)
    assert any("The shapes alone would allow 8 ways to get (3, 3)" in line for line in told)


def test_a_bias_is_summed_over_examples(net):
    told = lines(net.J, net.b1)
    assert "  ∂J/∂b1 = Σ over examples of ∂J/∂Z1, because b1 (4, 1) was broadcast to (4, 7)" in told
    assert "  ∂J/∂b1[i, 0] = Σₚ ∂J/∂Z1[i, p]   p = 0 … 6" in told


def test_one_entry_is_the_sum_that_it_is(net):
    net.X.value = np.arange(14.0).reshape(2, 7)
    told = lines(net.J, net.W1, entry=(0, -1))
    at = told.index("The entry [0, 1]:")
    assert told[at + 1].startswith("  ∂J/∂W1[0, 1] = Σₚ ∂J/∂Z1[0, p] · X[1, p] ≈ ")
    assert told[-1].startswith("nudge: W1[0, 1] + 0.001 moves J by ")


def test_long_sums_say_how_many_terms_are_left():
    x = mg.parameter(np.arange(1.0, 31.0), "x")
    w = mg.parameter(2.0, "w")
    told = lines((w * x).sum().named("J"), w)
    assert "  ∂J/∂w = Σₚ x[p]   p = 0 … 29" in told
    told = lines((w * x).sum().named("J"), w, entry=())
    assert "  ∂J/∂w = Σₚ x[p] = 1 + 2 + 3 + 4 + 5 + … 25 more = 465" in told


def test_very_long_sums_are_not_gone_through():
    w = mg.parameter(2.0, "w")
    told = lines((w * mg.data(np.ones(30_000), "x")).sum().named("J"), w, entry=())
    assert any("… 29,995 more" in line for line in told)


def test_the_form_of_the_notes(net):
    told = lines(net.J, net.W1, form="notes", entry=(0, 0))
    assert told[1] == "Notes' form: with m = 7 examples, dZ means m · ∂J/∂Z, the gradient of the sum of the losses."
    assert told[2] == "1/m comes in where a parameter is reached, so dW and db are ∂J/∂W and ∂J/∂b themselves."
    assert "  dA2 = (A2 − Y)/(A2 ⊙ (1 − A2))   (1, 7)" in told
    assert "  dA1 = W2ᵀ · dZ2   (4, 1)·(1, 7) → (4, 7)" in told
    assert "  dW1 = (1/m) dZ1 · Xᵀ   (4, 7)·(7, 2) → (4, 2)" in told
    assert "  dZ2 = ((A2 − Y)/(A2 ⊙ (1 − A2))) ⊙ A2 ⊙ (1 − A2) = A2 − Y" in told
    assert any(line.startswith("  dW1[0, 0] = (1/m) Σₚ dZ1[0, p] · X[0, p] ≈ (1/m) (") for line in told)
    assert "  db1 = (1/m) (Σ over examples of dZ1), because b1 (4, 1) was broadcast to (4, 7)" in lines(
        net.J, net.b1, form="notes"
    )


def test_numbers_in_the_form_of_the_notes_are_those_of_the_notes(net):
    dZ2 = net.A2.value - net.Y.value
    told = lines(net.J, net.Z2, form="notes", entry=(0, 3), digits=12)
    line = next(line for line in told if line.startswith("  dZ2[0, 3] = "))
    assert float(line.split(" = ")[-1].split(" ≈ ")[-1].replace("−", "-")) == pytest.approx(dZ2[0, 3])


def test_notes_without_a_mean_change_names_only():
    W, x = mg.parameter([[1.0, 2.0]], "W"), mg.data([[3.0], [4.0]], "x")
    told = lines((W @ x).sum().named("J"), W, form="notes")
    assert "dW is short for ∂J/∂W. There is no mean over m examples here" in told[1]


def test_the_exact_form_says_where_the_mean_went(net):
    assert '1/m = 1/7 is part of every gradient here; form="notes" moves it into those of the parameters.' in lines(net.J)
    assert any(line.startswith("Notes' form:") for line in lines(net.J, form="notes"))


def test_several_paths_to_an_array():
    x = mg.parameter([1.0, 2.0], "x")
    J = (x * x.sum()).sum().named("J")
    told = lines(J, x, entry=(1,))
    at = told.index("x reaches J along 2 paths.")
    assert told[at + 1] == "A change travels along all of them at once, so what they bring adds up."
    assert told[at + 2] == "  J → x (by x·(sum x)): 3 at entry [1]"
    assert told[at + 3] == "  J → x (by sum x): 3 at entry [1]"
    assert told[at + 4] == "  ∂J/∂x[1] = 3 + 3 = 6"
    assert "The entry [1] is the sum of:" in told
    assert "  ∂J/∂x[1] = 3 + 3 = 6" in told[at + 5 :]


def test_very_many_paths_and_contributions():
    x = node = mg.parameter([1.0, 2.0], "x")
    for i in range(50):
        node = (node + node).named(f"n{i}")
    told = lines(node.sum().named("J"), x)
    assert "x reaches J along 2⁵⁰ paths." in told
    assert any("lists no paths" in line for line in told)
    assert "  … 39 more steps …" in told
    w = mg.parameter([1.0, 2.0], "w")
    total = w * 1
    for _ in range(9):
        total = total + w
    told = lines(total.sum().named("J"), w, entry=(0,))
    assert any("… 4 more" in line for line in told)


def test_softmax_and_negation_and_slices_entry_by_entry():
    z = mg.parameter([[1.0], [2.0]], "z")
    s = mg.softmax(z).named("S")
    told = lines((s * [[1.0], [3.0]]).sum().named("J"), z)
    assert "  ∂J/∂z[i, 0] = Σₚ S[p, 0] · ∂J/∂S[p, 0] · ([p = i] − S[i, 0])   p = 0 … 1" in told
    told = lines((-z).named("n")[0:1].sum().named("J"), z)
    assert "  ∂J/∂z[i, 0] = −∂J/∂n[i, 0]" in told


def test_an_empty_and_a_single_step():
    empty = mg.parameter(np.zeros((0, 2)), "e")
    assert "∂J/∂e is no entries, (0, 2)." in lines(empty.sum().named("J"), empty)
    x = mg.parameter([1.0, 2.0], "x")
    assert "  ∂J/∂x = 1 repeated to 2   (2,)" in lines(x.sum().named("J"), x)


def test_arrays_of_a_pass_with_a_seed():
    x = mg.parameter([1.0, 2.0], "x")
    y = (x * x).named("y")
    told = lines(mg.backward(y, seed=[1.0, 10.0]), x)
    assert "  ∂y/∂x = ∂y/∂y ⊙ x + ∂y/∂y ⊙ x   (2,)" in told
    assert "∂y/∂x is [2 40]." in told
    assert not any(line.startswith("nudge") for line in told)


@pytest.mark.parametrize("form", ["exact", "notes"])
def test_a_net_without_names_has_no_derivative_of_the_output_by_itself(form):
    X, Y = mg.data(np.arange(6.0).reshape(2, 3)), mg.data([[0.0, 1.0, 1.0]])
    W, V = mg.parameter([[0.1, 0.2], [0.3, -0.4]]), mg.parameter([[0.5, -0.2]])
    J = mg.bce_with_logits(V @ mg.tanh(W @ X), Y).mean()
    told = lines(J, W, form=form, entry=(0, 0))
    assert not any("∂output/∂output" in line or "doutput" in line for line in told)
    products = "In (2, 1)·(1, 3) → (2, 3): no other order", "In (2, 3)·(3, 2) → (2, 2): the shapes alone"
    assert [sum(line.strip().startswith(words) for line in told) for words in products] == [1, 1]


def test_of_factors_that_are_all_1_one_is_written():
    A = mg.parameter(np.ones((2, 2)), "A")
    assert "  ∂J/∂A[0, 1] = 1" in lines(A.sum().named("J"), A, entry=(0, 1))
    assert "  ∂J/∂A[0, 1] = −1" in lines((-A.sum()).named("J"), A, entry=(0, 1))


def test_the_gradient_above_is_written_where_the_pass_starts_with_another_number():
    w = mg.parameter([1.0, 2.0], "w")
    J = (3 * w).sum().named("J")
    assert "  ∂J/∂w[0] = ∂J/∂J · 3 = 5 · 3 = 15" in lines(mg.backward(J, seed=5.0), w, entry=(0,))


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda x: mg.sqrt((x**2).sum().named("s")), "'s' is (); its gradient is ∞, the first in the pass"),
        (lambda x: mg.where(x.value > 0, mg.log(x), 2 * x).sum(), "mg.where computes both of its branches"),
        (lambda x: (mg.data([2.0, -3.0]) ** (x + 2)).sum(), "It has no derivative there, as a power with a negative base"),
    ],
)
def test_a_gradient_that_is_not_finite_says_where_it_comes_from(build, words):
    x = mg.parameter([0.0, 0.0], "x")
    lines = str(mg.explain(build(x).named("J"), wrt=x)).splitlines()
    assert lines[-1].startswith("Where it comes from: ") and words in lines[-1]


def test_a_gradient_that_is_finite_says_nothing_of_that():
    x = mg.parameter([1.0, 2.0], "x")
    assert "Where it comes from" not in str(mg.explain(mg.sqrt((x**2).sum()).named("J"), wrt=x))
