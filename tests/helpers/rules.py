"""Rules that are right or wrong as a test wants, and the verdict of `check_gradients` on them."""

import numpy as np

import minigraph as mg


class Rule(mg.Elementwise):
    """c · f(x), with a derivative c · g(x) that is right, or not."""

    def __init__(self, f, g, c=1.0):
        self.f, self.g, self.c = f, g, c

    def forward(self, x):
        return self.c * self.f(x)

    def derivatives(self, result, x):
        return [mg.Scale(self.c * self.g(x))]


class Sine(mg.Elementwise):
    forward = staticmethod(np.sin)

    def derivatives(self, result, x):
        return [mg.Scale(Cosine()(x))]


class Cosine(mg.Elementwise):
    forward = staticmethod(np.cos)

    def derivatives(self, result, x):
        return [mg.Scale(-Sine()(x))]


def one(x):
    return 1 + 0 * x


def only(J):
    (entry,) = mg.check_gradients(J).entries
    return entry


def at(x):
    return mg.parameter(x, "x")
