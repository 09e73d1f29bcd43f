"""Programs in use: calls, repeats, assignments and reading in any order, against the same graph without programs."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import minigraph as mg
from minigraph.program import passes
from minigraph.program.loops import gram_rewrite

SHAPES = {"W": (2, 3), "V": (2, 3), "b": (2, 1), "s": (), "X": (3, 4), "C": (2, 3)}
STATES = ("W", "V", "b", "s")
COSTS = {
    "cross-entropy": lambda n: mg.bce_with_logits(n["W"] @ n["X"] + n["b"], n["Y"]).mean(),
    "a layer": lambda n: mg.squared_error(mg.tanh(n["W"] @ n["X"] + n["b"]), n["Y"]).sum(),
    "weights as well": lambda n: mg.bce_with_logits(n["W"] @ n["X"], n["Y"]).mean() + 0.1 * (n["W"] * n["V"]).sum(),
    "columns": lambda n: (mg.sum(mg.relu(n["W"] @ n["X"]), axis=0) * mg.exp(n["s"])).mean(),
    "no data": lambda n: mg.square(n["s"]) + mg.softplus(n["b"]).sum(),
}
UPDATES = {
    "descent": lambda n, name, J: n[name] - 0.01 * mg.grad(J, n[name], allow_unused=True),
    "momentum": lambda n, name, J: n[name] + 0.5 * n["V"] if name == "W" else 0.5 * n[name],
    "halved": lambda n, name, J: 0.5 * n[name],
    "the other": lambda n, name, J: {"W": n["V"], "V": n["W"]}.get(name, n[name] * 1.0),
    "itself": lambda n, name, J: n[name],
    "a constant": lambda n, name, J: mg.data(np.full(SHAPES[name], 0.25)),
    "data": lambda n, name, J: n["C"] if name in "WV" else -n[name],
    "of data": lambda n, name, J: mg.exp(-n["C"]) if name in "WV" else n[name] + mg.mean(n["X"]),
    "the cost": lambda n, name, J: 0.1 * J if name == "s" else n[name] + 0.01 * J,
}
OUTPUTS = {
    "J": lambda n, J: J,
    "J and Z": lambda n, J: [J, n["W"] @ n["X"]],
    "a leaf and its double": lambda n, J: [n["W"], 2 * n["W"], J],
    "what stays": lambda n, J: [mg.exp(n["C"]), J],
    "nothing": lambda n, J: [],
}
numbers = st.integers(-8, 8).map(lambda k: k / 4)


class ProgramsInUse(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.patched = [
            (gram_rewrite, "LEAST_GAIN", 0.0),
        ]
        self.original = [(module, name, getattr(module, name)) for module, name, _ in self.patched]
        for module, name, value in self.patched:
            setattr(module, name, value)

    def teardown(self):
        for module, name, value in self.original:
            setattr(module, name, value)

    def leaves(self):
        """The same leaves, once for programs and once without any."""
        random = np.random.default_rng(4)
        made = {name: mg.parameter(random.standard_normal(shape), name) for name, shape in SHAPES.items() if name in STATES}
        made |= {name: mg.data(random.standard_normal(SHAPES[name]), name) for name in ("X", "C")}
        return made | {"Y": mg.data(random.integers(0, 2, (2, 4)).astype(float), "Y")}

    @initialize(
        cost=st.sampled_from([*COSTS]),
        plans=st.lists(
            st.tuples(
                st.dictionaries(st.sampled_from(STATES), st.sampled_from([*UPDATES]), min_size=1),
                st.sampled_from([*OUTPUTS]),
                st.lists(st.sampled_from(passes.names()), unique=True, max_size=3),
                st.booleans(),
                st.booleans(),
            ),
            min_size=1,
            max_size=2,
        ),
    )
    def build(self, cost, plans):
        self.nodes, self.shadow = self.leaves(), self.leaves()
        self.J, self.shadow_J = COSTS[cost](self.nodes), COSTS[cost](self.shadow)
        self.programs, self.steps = [], []
        for updates, outputs, without, given, gram in plans:
            step, shadow_step = (
                (OUTPUTS[outputs](n, J), {n[name]: UPDATES[how](n, name, J) for name, how in updates.items()})
                for n, J in ((self.nodes, self.J), (self.shadow, self.shadow_J))
            )
            inputs = [self.nodes["X"], self.nodes["Y"]] if given else []
            self.programs.append((mg.compile(step[0], inputs, step[1], gram=gram, without=without), given))
            self.steps.append(shadow_step)

    def expected(self, number):
        """One step without a program."""
        outputs, updates = self.steps[number]
        rows = [node.value for node in (outputs if isinstance(outputs, list) else [outputs])]
        following = {leaf: new.value for leaf, new in updates.items()}
        for leaf, value in following.items():
            leaf.value = value
        return rows

    def same(self, found, expected):
        for a, b in zip(found, expected, strict=True):
            assert np.shape(a) == np.shape(b)
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-7)

    def arrays_for(self, given, values):
        """What a call gives, and for that time the leaves without programs have too."""
        if not given or values is None:
            return ()
        X = np.resize(np.array(values), SHAPES["X"])
        return X, (np.resize(np.array(values), (2, 4)) > 0).astype(float)

    @rule(
        which=st.integers(0, 1),
        count=st.one_of(st.none(), st.integers(0, 8)),
        values=st.none() | st.lists(numbers, min_size=3),
    )
    def go(self, which, count, values):
        number = which % len(self.programs)
        program, given = self.programs[number]
        arrays = self.arrays_for(given, values)
        kept = {name: self.shadow[name].value for name in ("X", "Y")}
        for name, array in zip(("X", "Y"), arrays, strict=False):
            self.shadow[name].value = array
        rows = [self.expected(number) for _ in range(1 if count is None else count)]
        for name, value in kept.items():
            self.shadow[name].value = value
        found = program(*arrays) if count is None else program.repeat(count, *arrays)
        found = found if isinstance(found, list) else [found]
        if count is None:
            self.same(found, rows[0])
        elif count:
            self.same(found, [np.array(column) for column in zip(*rows, strict=True)])

    @rule(name=st.sampled_from([*SHAPES]), value=numbers)
    def assign(self, name, value):
        for n in (self.nodes, self.shadow):
            n[name].value = np.full(SHAPES[name], value)

    @rule(name=st.sampled_from([*SHAPES]))
    def read(self, name):
        self.same([self.nodes[name].value], [self.shadow[name].value])

    @rule()
    def read_the_cost(self):
        self.same([self.J.value], [self.shadow_J.value])


TestProgramsInUse = ProgramsInUse.TestCase
