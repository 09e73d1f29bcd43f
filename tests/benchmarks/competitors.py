"""One training step, as each library's users write it. Every function returns ``run(count)``, the cost of its last step."""

from __future__ import annotations

import shutil

import numpy as np


def course(w):
    """NumPy in the style of the course's exercises: caches, np.dot, the gradient of the input too."""
    X, Y, parameters = w.arrays()
    layers = [[parameters[i], parameters[i + 1]] for i in range(0, len(parameters), 2)]
    m = X.shape[1]

    def sigmoid(Z):
        return 1 / (1 + np.exp(-Z))

    def forward(A_prev, W, b, last):
        Z = np.dot(W, A_prev) + b
        A = sigmoid(Z) if last else np.tanh(Z) if w.activation == "tanh" else np.maximum(0, Z)
        return A, (A_prev, W, b, Z, A)

    def backward(dA, cache, last):
        A_prev, W, _, Z, A = cache
        if last:
            s = sigmoid(Z)
            dZ = dA * s * (1 - s)
        elif w.activation == "tanh":
            dZ = dA * (1 - np.power(A, 2))
        else:
            dZ = np.array(dA, copy=True)
            dZ[Z <= 0] = 0
        dW = 1.0 / m * np.dot(dZ, A_prev.T)
        db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
        return np.dot(W.T, dZ), dW, db

    def step():
        A, caches = X, []
        for i, (W, b) in enumerate(layers):
            A, cache = forward(A, W, b, i == len(layers) - 1)
            caches.append(cache)
        cost = np.squeeze(-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m)
        dA = -(np.divide(Y, A) - np.divide(1 - Y, 1 - A))
        for i in reversed(range(len(layers))):
            dA, dW, db = backward(dA, caches[i], i == len(layers) - 1)
            layers[i] = [layers[i][0] - w.rate * dW, layers[i][1] - w.rate * db]
        return cost

    return repeated(step)


def repeated(step):
    def run(count):
        for _ in range(count):
            cost = step()
        return float(cost)

    return run


def hips(w):
    """HIPS autograd: value_and_grad of the cost."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    X, Y, parameters = w.arrays()

    def cost(parameters):
        A = X
        for i in range(0, len(parameters), 2):
            Z = anp.dot(parameters[i], A) + parameters[i + 1]
            A = anp.tanh(Z) if w.activation == "tanh" else anp.maximum(Z, 0)
        return anp.mean(anp.maximum(Z, 0) - Z * Y + anp.log1p(anp.exp(-anp.abs(Z))))

    differentiated = value_and_grad(cost)

    def step():
        nonlocal parameters
        J, gradients = differentiated(parameters)
        parameters = [p - w.rate * g for p, g in zip(parameters, gradients, strict=True)]
        return J

    return repeated(step)


def mygrad(w):
    """MyGrad: tensors and backward."""
    import mygrad as mg

    X, Y, parameters = w.arrays()
    parameters = [mg.tensor(p) for p in parameters]

    def step():
        nonlocal parameters
        A = X
        for i in range(0, len(parameters), 2):
            Z = mg.matmul(parameters[i], A) + parameters[i + 1]
            A = mg.tanh(Z) if w.activation == "tanh" else mg.maximum(Z, 0)
        J = mg.mean(mg.maximum(Z, 0) - Z * Y + mg.log1p(mg.exp(-mg.abs(Z))))
        J.backward()
        parameters = [mg.tensor(p.data - w.rate * p.grad) for p in parameters]
        return J.data

    return repeated(step)


def _torch_cost(w):
    import torch

    def cost(parameters, X, Y):
        A = X
        for i in range(0, len(parameters), 2):
            Z = parameters[i] @ A + parameters[i + 1]
            A = torch.tanh(Z) if w.activation == "tanh" else torch.relu(Z)
        return torch.nn.functional.binary_cross_entropy_with_logits(Z, Y)

    X, Y, parameters = w.arrays()
    return cost, torch.from_numpy(X), torch.from_numpy(Y), [torch.from_numpy(p) for p in parameters]


def torch_eager(w):
    """PyTorch, eager: torch.autograd.grad, then one in-place update a parameter."""
    import torch

    cost, X, Y, parameters = _torch_cost(w)
    for p in parameters:
        p.requires_grad_()

    def step():
        J = cost(parameters, X, Y)
        gradients = torch.autograd.grad(J, parameters)
        with torch.no_grad():
            for p, g in zip(parameters, gradients, strict=True):
                p.add_(g, alpha=-w.rate)
        return J.detach()

    return repeated(step)


def torch_compiled(w):
    """torch.compile of the whole step: cost, gradients and update."""
    import torch

    cost, X, Y, parameters = _torch_cost(w)
    differentiated = torch.func.grad_and_value(cost)

    @torch.compile
    def whole(parameters, X, Y):
        gradients, J = differentiated(parameters, X, Y)
        return J, [p - w.rate * g for p, g in zip(parameters, gradients, strict=True)]

    def step():
        nonlocal parameters
        with torch.no_grad():
            J, parameters = whole(parameters, X, Y)
        return J

    return repeated(step)


def _jax_step(w):
    import jax

    jax.config.update("jax_enable_x64", w.dtype == "float64")
    import jax.numpy as jnp

    def cost(parameters, X, Y):
        A = X
        for i in range(0, len(parameters), 2):
            Z = parameters[i] @ A + parameters[i + 1]
            A = jnp.tanh(Z) if w.activation == "tanh" else jax.nn.relu(Z)
        return jnp.mean(jax.nn.softplus(Z) - Z * Y)

    differentiated = jax.value_and_grad(cost)

    def step(parameters, X, Y):
        J, gradients = differentiated(parameters, X, Y)
        return [p - w.rate * g for p, g in zip(parameters, gradients, strict=True)], J

    X, Y, parameters = w.arrays()
    return jax, step, jnp.asarray(X), jnp.asarray(Y), [jnp.asarray(p) for p in parameters]


def jax_jit(w):
    """JAX: jit of the whole step, its old parameters donated."""
    jax, step, X, Y, parameters = _jax_step(w)
    compiled = jax.jit(step, donate_argnums=0)

    def run(count):
        nonlocal parameters
        for _ in range(count):
            parameters, J = compiled(parameters, X, Y)
        jax.block_until_ready(parameters)
        return float(J)

    return run


def jax_loop(w):
    """JAX: all steps in one fori_loop."""
    jax, step, X, Y, parameters = _jax_step(w)
    import jax.numpy as jnp

    def many(count, parameters, X, Y):
        first = (parameters, jnp.zeros((), X.dtype))
        return jax.lax.fori_loop(0, count, lambda _, state: step(state[0], X, Y), first)

    compiled = jax.jit(many, donate_argnums=1)

    def run(count):
        nonlocal parameters
        parameters, J = jax.block_until_ready(compiled(count, parameters, X, Y))
        return float(J)

    return run


def tinygrad_jit(w):
    """tinygrad: TinyJit of the whole step, whose kernels clang compiles, where it is."""
    from tinygrad import Tensor, TinyJit

    if shutil.which("clang") is None:
        raise ImportError("tinygrad has nothing that compiles", name="clang, which tinygrad needs, is")
    X, Y, parameters = w.arrays()
    X, Y, parameters = Tensor(X), Tensor(Y), [Tensor(p).realize() for p in parameters]

    @TinyJit
    def step():
        A = X
        for i in range(0, len(parameters), 2):
            Z = parameters[i] @ A + parameters[i + 1]
            A = Z.tanh() if w.activation == "tanh" else Z.relu()
        J = (Z.maximum(0) - Z * Y + ((-Z.abs()).exp() + 1).log()).mean()
        for p, g in zip(parameters, J.gradient(*parameters), strict=True):
            p.assign(p - w.rate * g)
        return J.realize(*parameters)

    def run(count):
        for _ in range(count):
            J = step()
        return J.item()

    return run


def minigraph_graph(w):
    """The graph of a step: data, cost and updates."""
    import minigraph as mg

    X, Y, values = w.arrays()
    x, y = mg.data(X, "X"), mg.data(Y, "Y")
    parameters, A = [], x
    for layer in range(1, len(w.sizes)):
        with mg.group(f"Layer {layer}"):
            W, b = mg.parameter(values[2 * layer - 2], f"W{layer}"), mg.parameter(values[2 * layer - 1], f"b{layer}")
            Z = (W @ A + b).named(f"Z{layer}")
            parameters += [W, b]
            if layer < len(w.sizes) - 1:
                A = (mg.tanh(Z) if w.activation == "tanh" else mg.relu(Z)).named(f"A{layer}")
    J = mg.bce_with_logits(Z, y).mean().named("J")
    updates = {p: p - w.rate * g for p, g in zip(parameters, mg.grad(J, parameters), strict=True)}
    return mg, x, y, J, updates


def minigraph_eager(w):
    """minigraph without compiling: values pulled, then assigned."""
    _, _, _, J, updates = minigraph_graph(w)

    def step():
        cost = J.value
        for leaf, value in [(leaf, new.value) for leaf, new in updates.items()]:
            leaf.value = value
        return cost

    return repeated(step)


def minigraph_program(w, **options):
    """The compiled step on the data of its nodes."""
    mg, _, _, J, updates = minigraph_graph(w)
    return mg.compile(J, updates=updates, **options)


def minigraph_compiled(w):
    """minigraph: a compiled step on the data of its nodes, as the others have theirs in tensors of their own."""
    return repeated(minigraph_program(w))


def minigraph_given(w):
    """minigraph: a compiled step that is given arrays in each call, as mini-batches are."""
    X, Y, _ = w.arrays()
    mg, x, y, J, updates = minigraph_graph(w)
    program = mg.compile(J, inputs=[x, y], updates=updates)
    return repeated(lambda: program(X, Y))


def minigraph_repeat(w, **options):
    """minigraph: all steps in one call of repeat."""
    program = minigraph_program(w, **options)
    return lambda count: float(program.repeat(count)[-1])


def minigraph_plain_repeat(w):
    """minigraph: repeat without the Gram rewrite."""
    return minigraph_repeat(w, gram=False)


def minigraph_by_jax(w):
    """minigraph: the same program, which JAX compiles; all steps in one call of repeat."""
    import jax

    jax.config.update("jax_enable_x64", w.dtype == "float64")
    return minigraph_repeat(w, backend="jax")


def floor(w):
    """The bare matrix products, into arrays made beforehand."""
    random = np.random.default_rng(1)
    triples = []
    for n, k, m in w.floor():
        a, b = (random.standard_normal(shape).astype(w.dtype) for shape in ((n, k), (k, m)))
        triples.append((a, b, np.empty((n, m), w.dtype)))

    def step():
        for a, b, out in triples:
            a.dot(b, out)
        return np.nan

    return repeated(step)


COMPETITORS = {
    "course's NumPy": course,
    "HIPS autograd": hips,
    "MyGrad": mygrad,
    "PyTorch eager": torch_eager,
    "PyTorch compile": torch_compiled,
    "JAX jit step": jax_jit,
    "JAX fori_loop": jax_loop,
    "tinygrad": tinygrad_jit,
    "minigraph eager": minigraph_eager,
    "minigraph compiled": minigraph_compiled,
    "minigraph compiled, arrays given": minigraph_given,
    "minigraph repeat, gram=False": minigraph_plain_repeat,
    "minigraph repeat": minigraph_repeat,
    "minigraph repeat, backend=jax": minigraph_by_jax,
    "floor: matrix products": floor,
}
