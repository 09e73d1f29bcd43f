"""Plots for learning: costs, decision boundaries, cost surfaces, activations and gradients, layer by layer.

Every function draws into the Matplotlib axes ``ax`` (new ones by default) and returns them, so that
titles, limits and sizes can be changed afterwards; none of them calls ``show`` or saves a file. The
colours are those of Okabe and Ito, which colour-blind people can tell apart; markers and line styles
differ too. Matplotlib comes with the extra ``plots``.
"""

from .activation_curves import activation, activations
from .boundary import decision_boundary
from .costs import cost_curve, cost_surface
from .gradients import layer_gradients
from .style import PALETTE

__all__ = ["PALETTE", "activation", "activations", "cost_curve", "cost_surface", "decision_boundary", "layer_gradients"]
