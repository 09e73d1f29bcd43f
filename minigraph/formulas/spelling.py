"""How names, words and numbers are spelled: with subscripts for pictures, in LaTeX, in ASCII; in full or rounded."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

from minigraph.values import Shape

if TYPE_CHECKING:
    from fractions import Fraction

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "partial": "∂", "nabla": "∇",
}  # fmt: skip
ACCENTS = {"hat": "\u0302", "bar": "\u0304"}
SUBSCRIPTS = str.maketrans("0123456789prstuv", "₀₁₂₃₄₅₆₇₈₉ₚᵣₛₜᵤᵥ")

WORDS = LETTERS.keys() - {"ell", "partial", "nabla"}
"""The letters that a name may call by name, without TeX's backslash."""

_COMMAND = r"\\([A-Za-z]+)"
_WORD = r"[^\W\d_]+"
_ALONE = r"(?<!\w)(?<!\w )", r"(?=_?\d*(?!\w))(?! [^\W\d])"  # so that "what to pay" stays what it is
_ACCENTED = rf"{_ALONE[0]}(d?)(?!what|that|chat)([^\W\d_])_?({'|'.join(ACCENTS)}){_ALONE[1]}"
_DIGITS = r"(?<=[^\W\d_])([\u0300-\u036f]?)_?(\d+)(?!\w)"


# In pictures


@lru_cache(maxsize=4096)  # a picture writes a name many times
def as_drawn(name: str) -> str:
    r"""The name as pictures write it: W₁ for W1, θ₁ for theta_1 and ``\theta_1``, ŷ for yhat.

    Example:
        >>> as_drawn("W1"), as_drawn("theta_1"), as_drawn("yhat"), as_drawn("∂J/∂x_12"), as_drawn("learning rate")
        ('W₁', 'θ₁', 'ŷ', '∂J/∂x₁₂', 'learning rate')
    """
    return with_subscripts(_with_signs(name))


def with_letters(name: str) -> str:
    r"""The name with TeX's commands for letters as letters: Γ for ``\Gamma``; other commands stay as they are."""
    return re.sub(_COMMAND, lambda command: LETTERS.get(command[1], command[0]), name)


def _with_signs(name: str) -> str:
    """The name with letters where it says what they are called: θ for theta, ŷ for yhat, and both behind a d."""
    name = re.sub(_WORD, lambda word: _letter(word[0]), with_letters(name))
    return re.sub(_ACCENTED, lambda found: unicodedata.normalize("NFC", found[1] + found[2] + ACCENTS[found[3]]), name)


def _letter(word: str) -> str:
    """The letter that a word calls by name, also behind a d: θ for theta, dθ for dtheta; else the word."""
    d = "d" if word not in WORDS and word.startswith("d") else ""
    return d + LETTERS[stem] if (stem := word.removeprefix(d)) in WORDS else word


def with_subscripts(name: str) -> str:
    """The name with the digits that follow a letter below the line: W1 → W₁, x_12 → x₁₂."""
    return re.sub(_DIGITS, lambda found: found[1] + found[2].translate(SUBSCRIPTS), name)


# In LaTeX

GREEK = {letter: "\\" + name for name, letter in LETTERS.items()} | {"∂": r"\partial "}


def latex_name(name: str) -> str:
    r"""A node's name in LaTeX: single letters stay letters, digits become subscripts, ∂J/∂W1 a fraction."""
    name = _with_signs(name)
    if derivative := re.fullmatch(r"∂(.+)/∂([^/]+)", name):
        above, below = map(latex_name, derivative.groups())
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    if marked := re.fullmatch(r"(.+) (\[\d+\])", name):
        return rf"{latex_name(marked[1])}\,{marked[2]}"
    if primed := re.fullmatch(r"(.+?)(′+)", name):
        return latex_name(primed[1]) + "'" * len(primed[2])
    if letters := re.fullmatch(r"(d?)([^\W\d_]|[^\W\d_]{2,})([\u0300-\u036f]?)(?:_?(\d+))?", name):
        d, stem, accent, digits = letters.groups()
        return d + _latex_stem(stem + accent) + (f"_{{{digits}}}" if digits else "")
    return name if name.isdecimal() else rf"\text{{{latex_text(name)}}}"


def latex_inline_name(name: str) -> str:
    r"""The same on one line: ∂J/∂W1 with a slash."""
    if derivative := re.fullmatch(r"∂(.+)/∂([^/]+)", _with_signs(name)):
        above, below = map(latex_name, derivative.groups())
        return rf"\partial {above}/\partial {below}"
    return latex_name(name)


def _latex_stem(stem: str) -> str:
    """A letter, with its accent if it has one, or a word."""
    plain = unicodedata.normalize("NFD", stem)
    for command, accent in ACCENTS.items():
        if plain[1:] == accent:
            return rf"\{command}{{{GREEK.get(plain[0], plain[0])}}}"
    return GREEK.get(stem, latex_text(stem)) if len(stem) == 1 else rf"\mathit{{{latex_text(stem)}}}"


def latex_text(text: str) -> str:
    """Plain text escaped for LaTeX."""
    special = {"\\": r"\textbackslash ", "~": r"\textasciitilde ", "^": r"\textasciicircum "}
    return re.sub(r"[\\~^#$%&_{}]", lambda found: special.get(found.group(), "\\" + found.group()), text)


MATHEMATICS = {
    "∂": r"\partial ", "σ": r"\sigma ", "Σ": r"\sum ", "≈": r"\approx ", "×": r"\times ", "→": r"\to ", "⊙": r"\odot ",
    "·": r"\cdot ", "−": "-", "✓": r"\checkmark ", "✗": r"\times ", "‖": r"\Vert ", "∞": r"\infty ", "′": "'", "≥": r"\ge ",
    "≤": r"\le ", "½": r"\tfrac{1}{2}", "ᵀ": r"^{\top}", "√": r"\surd ", "¼": r"\tfrac{1}{4}",
}  # fmt: skip
_SUPERSCRIPT = "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+"
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def latex_words(text: str) -> str:
    r"""Words in LaTeX's mathematics mode: ``\text{…}``, with mathematical signs outside of it."""
    pieces = []
    for piece in re.split(f"([{''.join(MATHEMATICS)}]|{_SUPERSCRIPT})", text):
        if piece in MATHEMATICS:
            pieces.append(MATHEMATICS[piece])
        elif re.fullmatch(_SUPERSCRIPT, piece):
            pieces.append("^{" + piece.translate(_PLAIN_DIGITS) + "}")
        elif piece:
            pieces.append(rf"\text{{{latex_text(piece)}}}")
    return "".join(pieces)


# In ASCII

STAND_INS = {
    "∂": "d", "Σ": "Sum", "∞": "inf", "√": "sqrt", "−": "-", "±": "+-", "·": "*", "×": "x", "÷": "/", "⊙": ".*",
    "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "→": "->", "←": "<-", "↦": "|->", "↑": "^", "↓": "v", "…": "...",
    "′": "'", "‖": "||", "⟨": "<", "⟩": ">", "✓": "[ok]", "✗": "[wrong]", "–": "-", "—": "-", "∇": "nabla",
    "‘": "'", "’": "'", "“": '"', "”": '"', "€": "EUR", "£": "GBP", "λ": "lambda", "Λ": "Lambda",
}  # fmt: skip
"""What says the same in ASCII; Greek, raised and lowered letters and fractions follow a rule."""


def letter_kind(letter: str) -> str:
    """``<super>``, ``<sub>`` or ``<fraction>`` for a letter that is another one, raised, lowered, or several."""
    tag = unicodedata.decomposition(letter).split(" ")[0]
    return tag if tag in ("<super>", "<sub>", "<fraction>") else ""


def ascii_letter(letter: str, before: str = "") -> str:
    """A letter in ASCII, behind one of the kind ``before``."""
    kind = letter_kind(letter)
    if letter.isascii():
        return letter
    if letter in STAND_INS:
        return STAND_INS[letter]
    if kind:
        plain = "".join(map(ascii_letter, unicodedata.normalize("NFKD", letter).replace("\u2044", "/")))
        mark = {"<super>": "^", "<sub>": "" if plain.isdecimal() else "_"}.get(kind, "")
        return plain if kind == before else mark + plain
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    return _CALLED.get(letter) or letter.encode("unicode_escape").decode("ascii")


_CALLED = {letter: name for name, letter in LETTERS.items()}


def ascii_words(text: str) -> str:
    """Words in ASCII: every sign by what stands for it.

    Example:
        >>> print(ascii_words("∂J/∂W₁ ≈ 10⁻⁵, λ → 0"))
        dJ/dW1 ~ 10^-5, lambda -> 0
    """
    before = ["", *map(letter_kind, text)]
    return "".join(map(ascii_letter, text, before))


def ascii_names(root: str = "J", reserved: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that spells names as Python does: dW1 for ∂J/∂W1 where J is the root, theta for θ; never two alike.

    Args:
        root: what gradients are short for derivatives of.
        reserved: what no name becomes, such as the names of functions.

    Example:
        >>> spell = ascii_names("J")
        >>> [spell(name) for name in ("W1", "∂J/∂W1", "∂u/∂b", "θ₁", "learning rate", "learning_rate", "W1")]
        ['W1', 'dW1', 'du_db', 'theta1', 'learning_rate', 'learning_rate_2', 'W1']
    """
    spelled: dict[str, str] = {}
    taken = set(reserved)

    def spell(name: str) -> str:
        if name not in spelled:
            stem = _identifier(name, root)
            numbered = (f"{stem}_{number}" for number in count(2))
            spelled[name] = stem if stem not in taken else next(other for other in numbered if other not in taken)
            taken.add(spelled[name])
        return spelled[name]

    return spell


def _identifier(name: str, root: str) -> str:
    """The name in letters, digits and underscores, as Python takes it."""
    if derivative := re.fullmatch(r"∂(.+)/∂([^/]+)", name):
        above, below = re.sub(r"^\((.*)\)$", r"\1", derivative[1]), derivative[2]
        return (
            f"d{_identifier(below, root)}" if above == root else f"d{_identifier(above, root)}_d{_identifier(below, root)}"
        )
    plain = "".join(_IN_NAMES.get(letter) or ascii_letter(letter, "<sub>") for letter in unicodedata.normalize("NFD", name))
    letters = re.sub(r"\W+", "_", plain).strip("_")
    return f"x{letters}" if not letters or letters[0].isdecimal() else letters + "_" * keyword.iskeyword(letters)


_IN_NAMES = {accent: name for name, accent in ACCENTS.items()} | {
    "−": "minus",
    "′": "prime",
    "Σ": "Sigma",
    "·": "_",
    "…": "etc",
}


# Numbers, shapes and axes

MINUS = "−"
LONG = 8
"""A number that takes more characters than this is written as a root or a fraction, if it is one."""
LARGEST_NAMED = 99
"""Roots of larger numbers, and fractions of larger ones, are written in digits."""
DIGITS = 4
"""How many significant digits are shown where nobody asks for more."""
ROUNDING = 1e-9
"""What is shown is the number itself if it is off by no more than this part of it: float64's last digits are noise."""
KEPT = 4
"""A picture shows so many digits of a long number."""


def format_exactly(value: Any) -> str:
    """The number with no digit lost, whole numbers without a point: 3, 0.1, 1e−8."""
    if not math.isfinite(value):
        return {"inf": "∞", "-inf": f"{MINUS}∞"}.get(str(float(value)), "NaN")
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e16 else str(value)
    return _with_exponent(text).replace("-", MINUS)


def _with_exponent(text: str) -> str:
    """The number with its power of ten as short as it can be: 1e-8 for 1e-08, 1e20 for 1e+20."""
    digits, _, exponent = text.partition("e")
    return f"{digits}e{int(exponent)}" if exponent else text


def shortened(text: str) -> str:
    """A long decimal number with its first digits only, and … to say that there are more."""
    digits, exponent_sign, exponent = text.partition("e")
    whole, _, after = digits.partition(".")
    leading = len(after) - len(after.lstrip("0")) if whole.strip(f"{MINUS}0") == "" else -len(whole.lstrip(MINUS))
    kept = max(1, KEPT + leading)
    return text if len(after) <= kept + 2 else f"{whole}.{after[:kept]}…{exponent_sign}{exponent}"


def root_of(value: Any) -> int | None:
    """3 for √3 and −√3, to the last digit; None for what is not a root of a small whole number."""
    root = round(float(value) ** 2) if abs(value) <= LARGEST_NAMED else 0  # not of ∞, nor of NaN
    return root if 0 < root <= LARGEST_NAMED and type(value)(math.sqrt(root)) == abs(value) else None


def fraction_of(value: Any) -> Fraction | None:
    """1/3 for what 1/3 gives, to the last digit; None for what is no fraction of small whole numbers."""
    from fractions import Fraction  # not at the start, where it costs a tenth of the time

    ratio = Fraction(float(value)).limit_denominator(LARGEST_NAMED)
    is_small = 0 < abs(ratio.numerator) <= LARGEST_NAMED
    return ratio if is_small and type(value)(ratio.numerator / ratio.denominator) == value else None


def rounded(value: Any, digits: int = DIGITS) -> str:
    """A number to so many significant digits; exact ones, and whole ones below a million, in no more than they need.

    Zeros at the end say that a number was rounded: 12.00 · 3 ≈ 35.99.

    Example:
        >>> rounded(33.0), rounded(-0.000123456), rounded(11.9975), rounded(1234567.0), rounded(1e-9)
        ('33', '−0.0001235', '12.00', '1.235e6', '1e−9')
    """
    number = float(value)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "∞" if number > 0 else f"{MINUS}∞"
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number)).replace("-", MINUS)
    text = f"{number:.{digits}g}"
    if not is_same(float(text), number):
        text = f"{number:#.{digits}g}".rstrip(".")
    return _with_exponent(text).replace(".e", "e").replace("-", MINUS)


def is_same(shown: float, number: float) -> bool:
    """Whether a number is shown in full."""
    return abs(shown - number) <= ROUNDING * abs(number)


def format_shape(shape: Shape) -> str:
    """A shape as diagrams say it: 4×400; scalar."""
    return "×".join(map(str, shape)) or "scalar"


def axes_text(axes: tuple[int, ...]) -> str:
    """Axes as diagrams say them: axis 1; axes 0, 2; no axis."""
    if not axes:
        return "no axis"
    return ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))


# Options of calls

UNSAID = ("keepdims", "classes", "sizes")
"""Options that only code needs: a reader sees them by the shapes."""


def option_value(name: str, value: Any) -> str:
    """The value of an option as formulas say it: 4×400 for a shape, axes 0, 2."""
    if name == "shape":
        return format_shape(value)
    if name == "axis":
        return axes_text(value if isinstance(value, tuple) else (value,))
    return format_exactly(value) if isinstance(value, float) else str(value)


def option_text(name: str, value: Any) -> str:
    """An option of a call: axis 0; slope 0.2."""
    text = option_value(name, value)
    return text if name in ("", "axis") else f"{name} {text}"
