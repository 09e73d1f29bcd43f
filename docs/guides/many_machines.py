"""One net trained by several processes as if they were one: python many_machines.py NUMBER PROCESSES ADDRESS.

Each process is started with its number, from 0, the number of all, and the address of the first, which the others ask
for the rest: 127.0.0.1:45671 for processes on one machine.
"""

import sys

import jax
import numpy as np

import minigraph as mg

number, processes, address = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

# On processors: four devices of each, and what they talk through. Where there are GPUs, these two lines go.
jax.config.update("jax_num_cpu_devices", 4)
jax.config.update("jax_cpu_collectives_implementation", "gloo")
if processes > 1:
    jax.distributed.initialize(address, processes, number)

# Every process builds the same graph, from the same seed.
random = np.random.default_rng(0)
features, targets = random.standard_normal((20, 800)), (random.random((1, 800)) < 0.4).astype(float)
X, Y = mg.data(features, "X"), mg.data(targets, "Y")
W1, b1 = mg.parameter(random.standard_normal((16, 20)) / 4, "W1"), mg.parameter(np.zeros((16, 1)), "b1")
W2, b2 = mg.parameter(random.standard_normal((1, 16)) / 4, "W2"), mg.parameter(np.zeros((1, 1)), "b2")


def build(X, Y):
    """The cost, and a step of descent."""
    J = mg.bce_with_logits(W2 @ mg.tanh(W1 @ X + b1) + b2, Y).mean()
    parameters = [W1, b1, W2, b2]
    return J, {p: p - 0.5 * dp for p, dp in zip(parameters, mg.grad(J, parameters), strict=True)}


# All examples in each step: 100 of them at once.
J, updates = build(X, Y)
step = mg.compile(J, updates=updates, backend="jax", split={X: 1, Y: 1})
costs = step.repeat(100)

# Mini-batches of 200: each process names all of a batch, and puts on its devices what they need of it.
batch_step = mg.compile(build, backend="jax", split={"X": 1, "Y": 1})
for epoch in range(5):
    order = np.random.default_rng(epoch).permutation(800)
    for start in range(0, 800, 200):
        chosen = order[start : start + 200]
        cost = batch_step(features[:, chosen], targets[:, chosen])

# Where no process can hold all examples: each makes arrays of its own part.
mesh = jax.sharding.Mesh(np.array(jax.devices()), ("examples",))
columns = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(None, "examples"))
own = slice(number * 800 // processes, (number + 1) * 800 // processes)
with jax.enable_x64(True):
    parts = [jax.make_array_from_process_local_data(columns, array[:, own]) for array in (features, targets)]
large_step = mg.compile(J, [X, Y], updates, backend="jax", devices=mesh, split={X: 1, Y: 1})
last = large_step.repeat(100, *parts)[-1]

print(f"process {number} of {processes}: {len(jax.devices())} devices, {len(jax.local_devices())} of them here")
print(f"cost {costs[0]:.12f} at first, {costs[-1]:.12f} after 100 steps")
print(f"     {cost:.12f} in the last mini-batch, {last:.12f} after 100 steps more, W2 {np.abs(W2.value).sum():.12f}")
