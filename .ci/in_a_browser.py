"""What must work where no process and no thread can be started, as in Python in a browser: import, train, explain, draw.

`.ci/pyodide` runs it in Pyodide; tests/project/test_in_a_browser.py in a Python that refuses processes and threads.
"""

import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
from minigraph.models import DeepNet, load

import minigraph as mg
from minigraph.command_line.main import main

warnings.simplefilter("error")
os.environ["PATH"] = ""
folder = Path(tempfile.mkdtemp())
random = np.random.default_rng(0)
X = random.normal(size=(2, 60))
Y = (X[:1] * X[1:] > 0).astype(int)

w, b = mg.parameter(2.0, "w"), mg.parameter(-1.0, "b")
J = ((w * 3 + b - 4) ** 2).named("J")
J.backward()
assert w.grad == 6.0, "the chain rule"
assert mg.check_gradients(J).ok
assert "∂J/∂w" in str(mg.explain(J, wrt=w))

net = DeepNet([2, 8, 1], "relu", dropout=0.1).fit(X, Y, optimiser="adam", epochs=300, batch_size=20, progress=True)
assert net.score(X, Y) > 0.9, net.score(X, Y)
assert np.array_equal(load(net.save(folder / "net.npz")).predict(X), net.predict(X))
print(net, f"accuracy {net.score(X, Y):.3f}", sep="\n")

with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    assert mg.draw(J, "backward").save(folder / "u.svg").name == "u.dot", "without a renderer there is DOT"
    assert "mg.register_renderer" in str(told[-1].message), told
    assert mg.live(J, folder / "live.html").stat().st_size > 10_000
mg.register_renderer("its own", lambda source, picture_format: '<svg width="8pt" height="8pt" viewBox="0 0 8 8"></svg>')
assert mg.draw(J, "backward").save(folder / "u.svg").name == "u.svg"

assert main(["explain", "3*(a + b*c)", "a=5", "b=3", "c=2", "--wrt", "b"]) == 0
print("all of it works here")
