"""`mg.export` into an ONNX model: onnxruntime gives what the graph gives, gradients too."""

import numpy as np
import pytest
from exports import Net, assert_exported, assert_near, by_onnxruntime, indexed
from hypothesis import HealthCheck, given, settings

import minigraph as mg
from minigraph.program.instructions import FUNCTIONS
from minigraph.program.lowering.table import Lowering, register
from minigraph.testing import graphs
from minigraph.testing.builder import RECIPES

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@same_folder
@given(graph=graphs())
def test_values_and_gradients_of_random_graphs(tmp_path, graph):
    assert_exported(graph, tmp_path / "model.onnx", by_onnxruntime)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("operation", sorted(RECIPES))
def test_values_and_gradients_of_every_operation(tmp_path, operation, dtype):
    @settings(max_examples=10)
    @given(graphs(max_operations=3, operations=[operation], dtype=dtype))
    def compared(graph):
        assert_exported(graph, tmp_path / "model.onnx", by_onnxruntime)

    compared()


def test_every_function_of_programs_has_operators(tmp_path):
    from minigraph.exporting.onnx.operator_table import OPERATORS
    from minigraph.program.by_value import OTHERWISE

    by_method = {"add.reduce": "sum", "maximum.reduce": "max", "add.accumulate": "cumsum"}
    by_method |= {"dot": "matmul", "copyto": "astype", "clip": "minimum"}
    assert {by_method.get(name, name) for name in [*FUNCTIONS, *OTHERWISE]} <= set(OPERATORS)


FAR = np.array([0.0, 1e-300, 1e-9, 0.3, 0.5, 1.0, 1.5, 22.0, 40.0, 800.0, 1e300, np.inf])
FAR = np.concatenate([-FAR, FAR, [np.nan]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "name",
    [
        *("negative", "absolute", "sign", "square", "sqrt", "exp", "expm1", "log", "log1p", "tanh", "ceil", "floor"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh"),
        *("maximum", "minimum", "fmax", "fmin", "logaddexp", "add", "subtract", "multiply", "divide", "power"),
        *("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"),
    ],
)
def test_functions_are_right_far_out_and_for_what_is_no_number(tmp_path, name, dtype):
    ufunc = getattr(np, name)

    class Called(mg.Elementwise):
        forward = staticmethod(ufunc)

        def derivatives(self, result, *operands):
            raise NotImplementedError

    with np.errstate(all="ignore"):
        x = FAR.astype(dtype) if name not in ("sin", "cos", "tan") else np.linspace(-9, 9, 40).astype(dtype)
        operands = [x] if ufunc.nin == 1 else [x[:, None] * np.ones_like(x), x * np.ones_like(x)[:, None]]
        expected = np.asarray(ufunc(*operands)).astype(dtype)
    register(Called, Lowering(lambda write, op, out, *those: write.call(name, *those, out)))
    Called._operands = ufunc.nin
    leaves = [mg.data(array, f"x{i}") for i, array in enumerate(operands)]
    path = mg.export(Called()(*leaves), tmp_path / "model.onnx", leaves)
    (found,) = by_onnxruntime(path, operands)
    rounding = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding if name in ("sin", "cos", "tan") else 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_step_of_training_for_any_number_of_examples(tmp_path, dtype):
    net = Net(dtype)
    path = mg.export(net.step, tmp_path / "step.onnx", [net.X, net.Y], {net.X: 1, net.Y: 1})
    for m in (1, 2, 5, 6, 40):
        X, Y = net.examples(m)
        for found, node in zip(by_onnxruntime(path, [X.value, Y.value]), net.step(X, Y), strict=True):
            assert_near(found, node.value)


def test_what_a_model_says_of_itself(tmp_path):
    import onnx

    net = Net()
    path = mg.export(net.output, tmp_path / "net.onnx", [net.X], {"X": 1}, notes={"labels": "[1, 2]"})
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert {each.key: each.value for each in model.metadata_props} == {"minigraph": mg.__version__, "labels": "[1, 2]"}
    (given_x,), (result,) = model.graph.input, model.graph.output
    assert (given_x.name, result.name) == ("X", "A2")
    assert [d.dim_param or d.dim_value for d in given_x.type.tensor_type.shape.dim] == [3, "m"]
    assert [d.dim_param or d.dim_value for d in result.type.tensor_type.shape.dim] == [2, "m"]
    assert {"W1", "b1", "W2"} <= {each.name for each in model.graph.initializer}
    assert {"Layer 1/A1", "Z2", "A2"} <= {each.name for each in model.graph.node}
    gradients = onnx.load(mg.export(net.step(net.X, net.Y), tmp_path / "step.onnx"))
    assert [each.name for each in gradients.graph.output][:4] == ["J", "∂J/∂W1", "∂J/∂b1", "∂J/∂W2"]
    assert [each.name for each in gradients.graph.output][4:] == ["output", "output_2", "output_3"]


def test_outputs_may_be_inputs_constants_or_given_twice(tmp_path):
    x, w = mg.data([1.0, 2.0], "x"), mg.parameter([3.0, 4.0], "w")
    y = (x * w).named("y")
    path = mg.export([x, w, y, y, mg.data(np.ones(2))], tmp_path / "model.onnx", [x])
    expected = [[1, 2], [3, 4], [3, 8], [3, 8], [1, 1]]
    assert [found.tolist() for found in by_onnxruntime(path, [x.value])] == expected


def test_indices_of_every_kind(tmp_path):
    nodes, leaves = indexed()
    path = mg.export(nodes, tmp_path / "model.onnx", leaves)
    for found, node in zip(by_onnxruntime(path, [leaf.value for leaf in leaves]), nodes, strict=True):
        assert_near(found, node.value)


def test_indices_where_the_number_of_examples_is_left_open(tmp_path):
    mask = np.array([True, False, True, True])

    def build(X):
        parts = [X[mask], X[None, [1, 3]], X[[2, 0], None], X[:, :, None][mask], X[1:, None][[0, 2]]]
        return [node for part in parts for node in (part, mg.grad((part**3).sum(), X))]

    X = mg.data(np.random.default_rng(1).standard_normal((4, 3)), "X")
    path = mg.export(build, tmp_path / "model.onnx", [X], {X: 1})
    for m in (1, 3, 6):
        more = mg.data(np.random.default_rng(m).standard_normal((4, m)), "X")
        for found, node in zip(by_onnxruntime(path, [more.value]), build(more), strict=True):
            assert_near(found, node.value)
    with pytest.raises(TypeError, match=r"^export: the derivative of an index with steps needs all sizes, and one is left"):
        mg.export(lambda X: mg.grad(X[::2].sum(), X), tmp_path / "steps.onnx", [X], {X: 1})


def test_rows_of_an_embedding_for_any_number_of_words(tmp_path):
    E, words = mg.parameter(np.random.default_rng(0).standard_normal((5, 3)), "E"), mg.data([1, 0], "words")

    def build(words):
        rows = E[words].T
        return [rows, mg.grad((rows**2).mean(), E), mg.one_hot(words, 5)]

    path = mg.export(build, tmp_path / "model.onnx", [words], {"words": 0})
    more = mg.data([1, 4, 4, -2, 0], "words")
    for found, node in zip(by_onnxruntime(path, [more.value])[:2], build(mg.data([1, 4, 4, 3, 0]))[:2], strict=True):
        assert_near(found, node.value)
    assert_near(by_onnxruntime(path, [np.array([4.0, 0.0, 2.0])])[2], np.eye(5)[:, [4, 0, 2]])


def test_a_second_derivative(tmp_path):
    x = mg.parameter(2.0, "x")
    path = mg.export(mg.grad(mg.grad(x**3, x), x), tmp_path / "second.onnx", [x])
    assert by_onnxruntime(path, [5.0])[0] == 30.0


class Hypot(mg.Elementwise):
    """A ufunc that ONNX has not."""

    forward = staticmethod(np.hypot)

    def derivatives(self, result, a, b):
        raise NotImplementedError


def test_a_function_that_onnx_lacks_is_refused_by_name(tmp_path):
    x = mg.data([1.0, 2.0], "x")
    with pytest.raises(TypeError, match=r"^export: hypot .*calls hypot, for which ONNX has nothing\.$"):
        mg.export(Hypot()(x, x), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity", "relu"])
def test_a_net_predicts_as_it_does_here(tmp_path, output):
    import onnx
    from minigraph.models import DeepNet

    X = np.random.default_rng(0).standard_normal((3, 40)) * 7 + 3
    labels = ("a", "b") if output in ("sigmoid", "softmax") else None
    Y = np.abs(X[:2]) if labels is None else np.array([[*labels] * 20])
    net = DeepNet([3, 4, 1 if output == "sigmoid" else 2], output=output, labels=labels).fit(X, Y, epochs=5, progress=False)
    path = net.export(tmp_path / "net.onnx")
    for columns in (X, X[:, :1]):
        expected = net.predict_probability(columns) if net.head.classes else net.predict(columns)
        assert_near(by_onnxruntime(path, [columns])[0], expected)
    told = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert told["output"] == output and told.get("labels") == ('["a", "b"]' if net.head.classes else None)


def test_what_follows_from_the_number_of_examples(tmp_path):
    def build(x):
        m = x.shape[1]
        both = mg.concatenate([x, x], axis=1)
        parts = [x * (m + 1.5), x * (2 * m + 3), x.sum() / (m - 1), x.mean(), x.reshape((3 * m,)), both[:, m + 1 :], x * m]
        return [*parts, mg.grad((x[:, 1:] ** 2).mean(), x), x.T @ x]

    for dtype in (np.float64, np.float32):
        x = mg.data(np.ones((3, 4), dtype), "x")
        path = mg.export(build, tmp_path / "model.onnx", [x], {"x": 1})
        for m in (2, 5, 9):
            more = mg.data(np.random.default_rng(m).standard_normal((3, m)).astype(dtype), "x")
            for found, node in zip(by_onnxruntime(path, [more.value]), build(more), strict=True):
                assert_near(found, node.value)
