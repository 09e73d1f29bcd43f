"""What the plots show is what the graph says: the tests read the data back out of the axes."""

import builtins
import itertools
import sys

import matplotlib
import numpy as np
import pytest

import minigraph as mg

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from minigraph.models import plots


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def line(ax, label):
    (found,) = [drawn for drawn in ax.get_lines() if drawn.get_label() == label]
    return found.get_xdata(), found.get_ydata()


# Cost curve


def test_cost_curve_draws_each_cost_at_its_epoch():
    ax = plots.cost_curve([0.7, 0.5, 0.4], first_epoch=1)
    epochs, costs = ax.get_lines()[0].get_data()
    assert epochs.tolist() == [1, 2, 3] and costs.tolist() == [0.7, 0.5, 0.4]
    assert ax.get_legend() is None and ax.get_yscale() == "linear"


def test_cost_curves_to_compare_are_labelled_and_differ_in_colour_and_style():
    ax = plots.cost_curve({"slow": [3.0, 2.0], "fast": [3.0, 1.0]}, log=True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["slow", "fast"]
    assert line(ax, "fast")[1].tolist() == [3.0, 1.0]
    assert len({drawn.get_color() for drawn in ax.get_lines()}) == 2
    assert len({drawn.get_linestyle() for drawn in ax.get_lines()}) == 2
    assert ax.get_yscale() == "log"


def test_one_cost_is_visible_too():
    assert plots.cost_curve([0.7]).get_lines()[0].get_marker() == "o"


@pytest.mark.parametrize(
    ("costs", "message"), [({}, "empty"), ([], r"\(0,\)"), ({"a": [[1.0]]}, r"of 'a' have shape \(1, 1\)")]
)
def test_cost_curve_refuses_what_is_no_curve(costs, message):
    with pytest.raises(ValueError, match=message):
        plots.cost_curve(costs)


# Decision boundary

X = np.array([[-1.0, -2.0, 1.0, 2.0, 1.5], [0.0, 1.0, 0.0, -1.0, 1.0]])
Y = np.array([[0, 0, 1, 1, 1]])


def probability(points):
    return 1 / (1 + np.exp(-points[:1]))


def scattered(ax):
    return {drawn.get_label(): np.asarray(drawn.get_offsets()) for drawn in ax.collections if len(drawn.get_offsets()) > 1}


def test_boundary_of_two_classes_shows_the_examples_and_the_line_where_the_probability_is_a_half():
    ax = plots.decision_boundary(probability, X, Y, steps=40, names=("size (m²)", "age (years)"))
    examples = scattered(ax)
    np.testing.assert_array_equal(examples["0"], X[:, :2].T)
    np.testing.assert_array_equal(examples["1"], X[:, 2:].T)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size (m²)", "age (years)")
    halves = [path.vertices for drawn in ax.collections for path in drawn.get_paths() if _is_line_at_half(drawn)]
    np.testing.assert_allclose(np.concatenate(halves)[:, 0], 0, atol=1e-6)
    assert ax.figure.axes[1].get_ylabel() == "probability of class 1"


def _is_line_at_half(drawn):
    return getattr(drawn, "levels", None) is not None and list(drawn.levels) == [0.5]


def test_each_side_of_the_boundary_has_the_colour_of_its_class():
    ax = plots.decision_boundary(probability, X, Y, steps=40)
    area = next(drawn for drawn in ax.collections if len(getattr(drawn, "levels", ())) == 11)
    first, *_, last = area.get_facecolor()[:, :3]
    for shade, colour in ((first, plots.PALETTE[0]), (last, plots.PALETTE[1])):
        distance = [np.abs(shade - to_rgb(other)).sum() for other in plots.PALETTE[:2]]
        assert np.argmin(distance) == plots.PALETTE.index(colour)
    assert len(area.get_facecolor()) == 10


def test_boundary_of_many_classes_follows_the_most_probable_one():
    def scores(points):
        return np.stack([points[0], -points[0] + points[1], -points[1]])

    labels = np.array(["red", "green", "blue"])[scores(X).argmax(axis=0)]
    ax = plots.decision_boundary(scores, X, labels, classes=["red", "green", "blue"], steps=50)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["red", "green", "blue"]
    area = next(drawn for drawn in ax.collections if len(getattr(drawn, "levels", ())) == 4)
    assert len(area.get_facecolor()) == 3


@pytest.mark.parametrize(
    ("X_given", "Y_given"), [(X.T, Y), (X[:, :3], Y), (X[0], Y), (np.zeros((2, 0)), np.zeros((1, 0)))]
)  # fmt: skip
def test_boundary_refuses_examples_that_do_not_fit(X_given, Y_given):
    with pytest.raises(ValueError, match=r"they must be \(2, m\) and \(1, m\)"):
        plots.decision_boundary(probability, X_given, Y_given)


def test_boundary_refuses_a_prediction_with_too_few_rows():
    with pytest.raises(ValueError, match=r"there are 3 classes, but predict gave \(1, 25\)"):
        plots.decision_boundary(probability, X, [0, 1, 2, 1, 0], steps=5)


def test_boundary_of_examples_on_a_line():
    ax = plots.decision_boundary(probability, X * [[1], [0]], Y, steps=20)
    low, high = ax.get_ylim()
    assert low < 0 < high and high - low > 0.19


# Cost surface


def bowl():
    w, b = mg.parameter(2.0, "w"), mg.parameter([[-1.0, 5.0]], "b")
    return (w**2 + 10 * (b**2).sum()).named("J"), w, b


def test_surface_shows_the_costs_and_leaves_the_graph_alone():
    J, w, b = bowl()
    before = float(J)
    ax = plots.cost_surface(J, w, (b, (0, 0)), ranges=[(-1, 1), (-2, 2)], steps=9)
    levels = ax.collections[0].levels
    assert levels[0] == pytest.approx(250) and levels[-1] == pytest.approx(1 + 40 + 250)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "b[0, 0]")
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 1), (-2, 2))
    assert float(J) == before and w.value == 2.0


def test_two_entries_of_one_node():
    J, _, b = bowl()
    ax = plots.cost_surface(J, (b, (0, 0)), (b, (0, 1)), ranges=[(-2, 2), (-3, 3)], steps=9)
    assert ax.collections[0].levels[-1] == pytest.approx(4 + 40 + 90)


def test_path_is_drawn_and_the_surface_reaches_beyond_it():
    J, w, b = bowl()
    ax = plots.cost_surface(J, w, (b, (0, 0)), path=[(2, -1), (1, -0.5), (0.5, 0)], steps=9)
    xs, ys = line(ax, "2 steps")
    assert xs.tolist() == [2, 1, 0.5] and ys.tolist() == [-1, -0.5, 0]
    assert line(ax, "start")[0].tolist() == [2] and line(ax, "end")[0].tolist() == [0.5]
    assert ax.get_xlim() == pytest.approx((0.5 - 0.6, 2 + 0.6))


def test_without_path_and_ranges_the_surface_is_around_the_present_values():
    J, w, b = bowl()
    assert plots.cost_surface(J, w, (b, (0, 1)), steps=5).get_ylim() == (2, 8)


def test_flat_and_partly_infinite_surfaces():
    w, b = mg.parameter(1.0, "w"), mg.parameter(1.0, "b")
    plots.cost_surface(0 * w * b, w, b, steps=5)
    ax = plots.cost_surface(mg.log(w) + b, w, b, steps=7)
    assert np.isfinite(ax.collections[0].levels).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda J, w, b: plots.cost_surface(J, w, b), "is not one number"),
        (lambda J, w, b: plots.cost_surface(J, w, (b, (0,))), "is not one number"),
        (lambda J, w, b: plots.cost_surface(b, w, w), r"J is \(1, 2\), not a scalar"),
        (lambda J, w, b: plots.cost_surface(J, w, (b, (0, 0)), path=[1, 2]), r"the path has shape \(2,\)"),
        (lambda J, w, b: plots.cost_surface(J, w, (b, (0, 0)), path=np.zeros((0, 2))), r"shape \(0, 2\)"),
        (lambda J, w, b: plots.cost_surface(mg.log(0 * w), w, w, steps=3), "no cost on this grid is finite"),
    ],
)
def test_surface_refuses_what_it_cannot_draw(call, message):
    with pytest.raises(ValueError, match=message):
        call(*bowl())


# Activations


@pytest.mark.parametrize(
    ("function", "slope"),
    [(mg.sigmoid, lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2), (mg.tanh, lambda z: 1 / np.cosh(z) ** 2), (mg.exp, np.exp)],
)
def test_activation_shows_the_derivative(function, slope):
    ax = plots.activation(function, span=(-2, 3))
    z, drawn = line(ax, "g′(z)")
    assert (z[0], z[-1]) == (-2, 3)
    np.testing.assert_allclose(drawn, slope(z), rtol=1e-12)
    np.testing.assert_allclose(line(ax, "g(z)")[1], function(mg.data(z)).value)


@pytest.mark.parametrize("at_zero", [0.0, 1.0])
def test_a_kink_is_a_gap_with_the_conventional_value_in_it(at_zero):
    ax = plots.activation(lambda z: mg.relu(z, at_zero=at_zero))
    z, drawn = line(ax, "g′(z)")
    assert np.isnan(drawn[z == 0]).all() and np.isnan(drawn).sum() == 1
    assert [float(part[0]) for part in line(ax, "g′ by convention")] == [0.0, at_zero]
    assert ax.get_title() == "relu"


def test_an_activation_that_does_nothing_and_one_outside_its_kinks():
    assert plots.activation(lambda z: z).get_title() == "z"
    assert "g′ by convention" not in [
        text.get_text() for text in plots.activation(mg.relu, span=(1, 2)).get_legend().get_texts()
    ]
    assert plots.activation(mg.leaky_relu, name="leaky ReLU, slope 0.01").get_title() == "leaky ReLU, slope 0.01"


def test_activations_side_by_side():
    assert [ax.get_title() for ax in plots.activations().axes] == ["sigmoid", "tanh", "relu", "leaky relu"]
    assert [ax.get_title() for ax in plots.activations(mg.softplus, mg.tanh, mg.exp).axes] == ["softplus", "tanh", "exp"]
    assert len(plots.activations(*[mg.tanh] * 5).axes) == 5


# Gradients, layer by layer


def net(activation, layers=3, scale=1.0):
    generator = np.random.default_rng(0)
    A, weights = mg.data(generator.normal(size=(4, 6)), "X"), []
    for layer in range(1, layers + 1):
        weights.append(mg.parameter(scale * generator.normal(size=(4, 4)), f"W{layer}"))
        A = activation(weights[-1] @ A + mg.parameter(np.zeros((4, 1)), f"b{layer}"))
    return mg.square(A).mean(), weights


def test_layer_gradients_are_root_mean_squares_of_the_weights_gradients():
    J, weights = net(mg.tanh)
    ax = plots.layer_gradients(J.backward())
    expected = [np.sqrt(np.mean(mg.grad(J, W).value ** 2)) for W in weights]
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), expected)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["W1", "W2", "W3"]
    assert ax.get_yscale() == "log"


def test_layer_gradients_to_compare():
    (first, _), (second, weights) = net(mg.sigmoid), net(mg.tanh, layers=4)
    ax = plots.layer_gradients({"sigmoid": first.backward(), "tanh": second.backward()})
    assert len(line(ax, "sigmoid")[1]) == 3 and len(line(ax, "tanh")[1]) == 4
    assert [text.get_text() for text in ax.get_xticklabels()] == ["W1", "W2", "W3", "W4"]
    chosen = {"sigmoid": [first.inputs[0]], "tanh": weights[:1]}
    ax = plots.layer_gradients({"sigmoid": first.backward(), "tanh": second.backward()}, chosen)
    assert len(line(ax, "tanh")[1]) == 1


def test_a_gradient_of_zero_is_marked_at_the_foot():
    J, _ = net(mg.relu, scale=0.0)
    ax = plots.layer_gradients({"zero": J.backward()})
    assert np.isnan(line(ax, "zero")[1]).all()
    assert [text.get_text() for text in ax.texts] == ["0", "0", "0"]


def test_only_broadcast_parameters_are_shown_all():
    b, c = mg.parameter([[1.0], [2.0]], "b"), mg.parameter([[3.0]])
    ax = plots.layer_gradients(mg.square(b + (c + mg.data(np.ones((2, 5))))).sum().backward())
    assert [text.get_text() for text in ax.get_xticklabels()] == ["b", "#2"]


def test_layer_gradients_refuses_an_empty_choice_and_foreign_nodes():
    J, _ = net(mg.tanh)
    with pytest.raises(ValueError, match="no node to show"):
        plots.layer_gradients(J.backward(), [])
    with pytest.raises(KeyError, match="did not reach"):
        plots.layer_gradients(J.backward(), [mg.parameter(1.0)])


# All of them


def calls():
    J, w, b = bowl()
    return {
        "cost_curve": lambda ax: plots.cost_curve([1.0, 2.0], ax=ax),
        "decision_boundary": lambda ax: plots.decision_boundary(probability, X, Y, steps=9, ax=ax),
        "cost_surface": lambda ax: plots.cost_surface(J, w, (b, (0, 0)), steps=5, ax=ax),
        "activation": lambda ax: plots.activation(mg.tanh, ax=ax),
        "layer_gradients": lambda ax: plots.layer_gradients(J.backward(), ax=ax),
    }


@pytest.mark.parametrize("name", calls())
def test_every_plot_draws_into_the_axes_given_and_shows_nothing(name, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("show was called"))
    ax = plt.figure().subplots()
    drawn = calls()[name](ax)
    assert drawn is ax and len(plt.get_fignums()) == 1
    assert ax.get_xlabel() and ax.get_ylabel()
    assert not ax.spines["top"].get_visible()


@pytest.mark.parametrize("name", calls())
def test_without_matplotlib_one_line_names_the_extra(name, monkeypatch):
    real = builtins.__import__

    def without(module, *rest):
        if module.startswith("matplotlib"):
            raise ImportError(module)
        return real(module, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"^minigraph\.models\.plots needs Matplotlib: pip install 'minigraph\[plots\]'$"):
        calls()[name](None)


def test_matplotlib_is_imported_only_when_something_is_drawn():
    import subprocess

    code = "import sys; from minigraph.models import plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_palette_is_told_apart_by_colour_blind_people():
    """Deuteranopia and protanopia as Viénot, Brettel and Mollon (1999) simulate them: no two colours become one."""
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = {
        "protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
        "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
    }
    linear = np.array([to_rgb(colour) for colour in plots.PALETTE]).T ** 2.2
    for matrix in blind.values():
        seen = np.clip(np.linalg.inv(to_lms) @ np.array(matrix) @ to_lms @ linear, 0, 1).T ** (1 / 2.2)
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 0.1
