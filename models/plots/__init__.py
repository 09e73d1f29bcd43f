"""Plots for learning: costs, decision boundaries, cost surfaces, activations and gradients, layer by layer.

Every function draws into the Matplotlib axes ``ax`` (new ones by default) and returns them, so that
titles, limits and sizes can be changed afterwards; none of them calls ``show`` or saves a file. The
colours are those of Okabe and Ito, which colour-blind people can tell apart; markers and line styles
differ too. Matplotlib comes with the extra ``plots``.
"""

from .curves import activation, activations, cost_curve, layer_gradients
from .maps import cost_surface, decision_boundary
from .style import PALETTE

__all__ = ["PALETTE", "activation", "activations", "cost_curve", "cost_surface", "decision_boundary", "layer_gradients"]
