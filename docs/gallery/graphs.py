"""The graphs of the gallery: each is a function whose body the page shows, and whose docstring is its title there."""

import itertools

import numpy as np
from minigraph.models import DeepNet
from minigraph.models.datasets import breast_cancer

import minigraph as mg


def chain():
    """J = 3(a + bc)"""
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    v = (a + u).named("v")
    return (3 * v).named("J")


def two_paths():
    """Two paths to b: e = (a + b)(b + 1)"""
    a, b = mg.parameter(1.0, "a"), mg.parameter(2.0, "b")
    c = (a + b).named("c")
    d = (b + 1).named("d")
    return (c * d).named("e")


def square():
    """One node used twice: J = x·x"""
    x = mg.parameter(3.0, "x")
    return (x * x).named("J")


def logistic_unit():
    """Logistic regression of one example"""
    w1, w2, b = mg.parameter(0.4, "w1"), mg.parameter(-0.2, "w2"), mg.parameter(0.1, "b")
    x1, x2, y = mg.data(1.5, "x1"), mg.data(-0.5, "x2"), mg.data(1.0, "y")
    u1, u2 = (w1 * x1).named("u1"), (w2 * x2).named("u2")
    z = (u1 + u2 + b).named("z")
    a = mg.sigmoid(z).named("a")
    return mg.bce(a, y).named("L")


def logistic_regression():
    """Logistic regression of m examples"""
    random = np.random.default_rng(0)
    X, Y = mg.data(random.normal(size=(4, 6)), "X"), mg.data([[0, 1, 1, 0, 1, 0]], "Y")
    w, b = mg.parameter(random.normal(size=(4, 1)), "w"), mg.parameter(0.0, "b")
    Z = (w.T @ X + b).named("Z")
    A = mg.sigmoid(Z).named("A")
    return mg.bce(A, Y).mean().named("J")


def layers(sizes, activation, title):
    """J of a net: layers of these sizes, six examples, a sigmoid at the end."""
    random = np.random.default_rng(1)
    A = mg.data(random.normal(size=(sizes[0], 6)), "X")
    Y = mg.data([[0, 1, 1, 0, 1, 0]], "Y")
    for number, (inputs, units) in enumerate(itertools.pairwise(sizes), 1):
        last = number == len(sizes) - 1
        with mg.group(f"Layer {number} · {'sigmoid' if last else title} · {inputs} → {units}"):
            W = mg.parameter(random.normal(size=(units, inputs)) * np.sqrt(2 / inputs), f"W{number}")
            b = mg.parameter(np.zeros((units, 1)), f"b{number}")
            Z = (W @ A + b).named(f"Z{number}")
            A = (mg.sigmoid if last else activation)(Z).named(f"A{number}")
    return mg.bce(A, Y).mean().named("J")


def one_hidden_layer():
    """The 3-4-1 net"""
    return layers([3, 4, 1], mg.tanh, "tanh")


def five_layers():
    """Five layers with ReLU"""
    return layers([4, 5, 5, 4, 3, 1], mg.relu, "ReLU")


def forty_layers():
    """Forty layers, one box each"""
    return layers([4] * 40 + [1], mg.tanh, "tanh")


def softmax_classifier():
    """A softmax classifier"""
    random = np.random.default_rng(2)
    X, Y = mg.data(random.normal(size=(4, 6)), "X"), mg.data(np.eye(3)[:, [0, 2, 1, 1, 0, 2]], "Y")
    W, b = mg.parameter(random.normal(size=(3, 4)), "W"), mg.parameter(np.zeros((3, 1)), "b")
    Z = (W @ X + b).named("Z")
    return mg.cross_entropy_with_logits(Z, Y).mean().named("J")


def shared_step():
    """A step without a name that is used three times"""
    a, b = mg.parameter(2.0, "a"), mg.parameter(0.5, "b")
    product = a * b
    return (product * product + mg.exp(-product)).named("J")


def second_derivative():
    """A gradient is a graph: ∂J/∂x of J = x³ + 2x, and its own derivative"""
    x = mg.parameter(2.0, "x")
    J = (x**3 + 2 * x).named("J")
    return mg.grad(J, x)


def gradient_graph():
    """The expression that computes ∂J/∂w"""
    J = logistic_regression()
    (w,) = [node for node in mg.backward(J).gradients if node.name == "w"]
    return mg.grad(J, w)


def sixty_steps():
    """A chain of sixty steps"""
    h = mg.parameter(0.5, "x")
    for number in range(1, 61):
        h = mg.tanh(h).named(f"h{number}")
    return h


def trained_net():
    """A trained net in its teaching form: A3 = σ(Z3) on the path to J"""
    data = breast_cancer()
    net = DeepNet([30, 16, 8, 1], hidden="relu", seed=0).fit(data.X, data.Y, epochs=5, progress=False)
    return net.graph(data.X[:, :8], data.Y[:, :8], loss="probabilities")


def residual_net():
    """A residual net: what a layer gives is added to what it takes"""
    random = np.random.default_rng(3)
    A = mg.data(random.normal(size=(3, 5)), "X")
    for number in (1, 2):
        with mg.group(f"Block {number}"):
            W = mg.parameter(random.normal(size=(3, 3)), f"W{number}")
            A = (A + mg.relu((W @ A).named(f"Z{number}"))).named(f"A{number}")
    w = mg.parameter(random.normal(size=(3, 1)), "w")
    return mg.bce_with_logits((w.T @ A).named("Z"), mg.data([[0, 1, 1, 0, 1]], "Y")).mean().named("J")


def l2_cost():
    """A cost with L2: J = mean of the losses + λ/2 · ‖W‖²"""
    random = np.random.default_rng(4)
    X, Y = mg.data(random.normal(size=(3, 5)), "X"), mg.data([[0, 1, 1, 0, 1]], "Y")
    W, b = mg.parameter(random.normal(size=(1, 3)), "W"), mg.parameter(0.1, "b")
    fit = mg.bce_with_logits((W @ X + b).named("Z"), Y).mean().named("fit")
    return (fit + 0.05 * (W * W).sum()).named("J")


def siamese_net():
    """A siamese net: two inputs, one W for both"""
    random = np.random.default_rng(5)
    W = mg.parameter(random.normal(size=(2, 3)), "W")
    left, right = (mg.data(random.normal(size=(3, 1)), name) for name in ("x", "y"))
    f = mg.tanh(W @ left).named("f")
    g = mg.tanh(W @ right).named("g")
    return mg.square(f - g).sum().named("distance")


def attention():
    """Attention of one head"""
    random = np.random.default_rng(6)
    X = mg.data(random.normal(size=(4, 5)), "X")
    Wq, Wk, Wv = (mg.parameter(random.normal(size=(4, 4)) / 2, name) for name in ("Wq", "Wk", "Wv"))
    Q, K, V = (Wq @ X).named("Q"), (Wk @ X).named("K"), (Wv @ X).named("V")
    A = mg.softmax((K.T @ Q / 2).named("S"), axis=0).named("A")
    return mg.square(V @ A - X).mean().named("J")


def recurrent_net():
    """A recurrent net of 6 steps: W and U are used at each of them"""
    random = np.random.default_rng(7)
    W, U = mg.parameter(random.normal(size=(3, 3)) / 2, "W"), mg.parameter(random.normal(size=(3, 2)), "U")
    h = mg.data(np.zeros((3, 1)), "h0")
    for step in range(1, 7):
        x = mg.data(random.normal(size=(2, 1)), f"x{step}")
        h = mg.tanh(W @ h + U @ x).named(f"h{step}")
    return mg.square(h).sum().named("J")


def recurrent_unit():
    """A recurrent unit of 6 steps, in numbers"""
    w, u, b = mg.parameter(0.5, "w"), mg.parameter(0.3, "u"), mg.parameter(0.1, "b")
    h = mg.data(0.0, "h0")
    for step in range(1, 7):
        h = mg.tanh(w * h + u * mg.data(step / 10, f"x{step}") + b).named(f"h{step}")
    return mg.squared_error(h, mg.data(1.0, "y")).named("J")


def fork_of_sixty():
    """A fork: x is used sixty times"""
    x = mg.parameter(0.5, "x")
    terms = [mg.tanh(k / 10 * x).named(f"t{k}") for k in range(1, 61)]
    return sum(terms[1:], terms[0]).named("J")


def sum_of_sixty():
    """A sum of sixty numbers"""
    first, *others = [mg.parameter(k / 10, f"w{k}") for k in range(1, 61)]
    return sum(others, first).named("J")


def adams_update():
    """Adam's update of w, a graph like any other"""
    w, x = mg.parameter(0.5, "w"), mg.data(2.0, "x")
    m, v = mg.data(0.1, "m"), mg.data(0.04, "v")
    g = mg.grad(mg.squared_error(w * x, mg.data(3.0, "y")).named("J"), w)
    m_next = (0.9 * m + 0.1 * g).named("m_next")
    v_next = (0.999 * v + 0.001 * g * g).named("v_next")
    return (w - 0.01 * m_next / (mg.sqrt(v_next) + 1e-8)).named("w_next")


def long_names():
    """Long names"""
    price = mg.parameter(2.5, "price_of_a_kilogram_of_apples_in_euros")
    weight = mg.data(3.0, "weight_of_the_basket_without_its_handle")
    discount = mg.parameter(0.1, "discount for customers of many years")
    full = (price * weight).named("price_of_the_basket_before_the_discount")
    return (full * (1 - discount)).named("what_the_customer_has_to_pay_in_the_end")


def nothing_named():
    """Nothing named"""
    a, b = mg.parameter(2.0), mg.parameter(-1.0)
    c = a * b + mg.exp(b)
    return c * c + mg.tanh(c)


def many_nodes(count):
    """A net of numbers, in which each step reads the two before it."""
    before, last = mg.parameter(0.3, "a"), mg.parameter(0.5, "b")
    for number in range(1, count - 1):
        before, last = last, mg.tanh(before + 0.9 * last).named(f"s{number}")
    return last


def hundred_nodes():
    """100 nodes"""
    return many_nodes(100)


def three_hundred_nodes():
    """300 nodes"""
    return many_nodes(300)


def thousand_nodes():
    """1,000 nodes"""
    return many_nodes(1000)
