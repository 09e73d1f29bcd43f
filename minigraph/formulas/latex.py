"""Names, numbers and words in LaTeX."""

from __future__ import annotations

import re

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "partial": "∂", "nabla": "∇",
}  # fmt: skip
GREEK = {letter: "\\" + name for name, letter in _LETTERS.items()} | {"∂": r"\partial "}
_COMMAND = re.compile(rf"\\({'|'.join(_LETTERS)})(?![A-Za-z])")


def with_letters(name: str) -> str:
    r"""The name with TeX's commands for letters as letters: Γ for ``\Gamma``; other commands stay as they are."""
    return _COMMAND.sub(lambda command: _LETTERS[command[1]], name)


def latex_name(name: str) -> str:
    """A node's name in LaTeX: single letters stay letters, digits become subscripts, ∂J/∂W1 a fraction."""
    name = with_letters(name)
    if derivative := re.fullmatch(r"∂(.+)/∂([^/]+)", name):
        above, below = map(latex_name, derivative.groups())
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    if marked := re.fullmatch(r"(.+) (\[\d+\])", name):
        return rf"{latex_name(marked[1])}\,{marked[2]}"
    if letters := re.fullmatch(r"(d?)([^\W\d_]|[^\W\d_]{2,})(\d*)", name):
        d, stem, digits = letters.groups()
        stem = GREEK.get(stem, latex_text(stem)) if len(stem) == 1 else rf"\mathit{{{latex_text(stem)}}}"
        return d + stem + (f"_{{{digits}}}" if digits else "")
    return rf"\text{{{latex_text(name)}}}"


def latex_text(text: str) -> str:
    """Plain text escaped for LaTeX."""
    special = {"\\": r"\textbackslash ", "~": r"\textasciitilde ", "^": r"\textasciicircum "}
    return re.sub(r"[\\~^#$%&_{}]", lambda found: special.get(found.group(), "\\" + found.group()), text)


_MATHEMATICS = {
    "∂": r"\partial ", "σ": r"\sigma ", "Σ": r"\sum ", "≈": r"\approx ", "×": r"\times ", "→": r"\to ", "⊙": r"\odot ",
    "·": r"\cdot ", "−": "-", "✓": r"\checkmark ", "✗": r"\times ", "‖": r"\Vert ", "∞": r"\infty ", "′": "'", "≥": r"\ge ",
    "≤": r"\le ", "½": r"\tfrac{1}{2}", "ᵀ": r"^{\top}", "√": r"\surd ", "¼": r"\tfrac{1}{4}",
}  # fmt: skip
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def latex_words(text: str) -> str:
    r"""Words in LaTeX's mathematics mode: ``\text{…}``, with mathematical signs outside of it."""
    pieces = []
    for piece in re.split(f"([{''.join(_MATHEMATICS)}]|{_SUPERSCRIPT.pattern})", text):
        if piece in _MATHEMATICS:
            pieces.append(_MATHEMATICS[piece])
        elif _SUPERSCRIPT.fullmatch(piece):
            pieces.append("^{" + piece.translate(_PLAIN_DIGITS) + "}")
        elif piece:
            pieces.append(rf"\text{{{latex_text(piece)}}}")
    return "".join(pieces)


def latex_number(text: str) -> str:
    """A number as it was formatted, in LaTeX: 1e−12 is a power of ten there."""
    latex = text.replace("−", "-").replace("∞", r"\infty ").replace("NaN", r"\text{NaN}")
    if "e" not in text:
        return latex
    digits, exponent = latex.split("e")
    power = "10^{" + str(int(exponent)) + "}"
    return power if digits == "1" else rf"{digits} \cdot {power}"
