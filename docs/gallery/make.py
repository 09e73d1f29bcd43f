"""Makes the gallery: draws every picture beside this file, and index.md with the code that draws each.

Run it from anywhere: ``python docs/gallery/make.py [FOLDER]``.
"""

import html
import inspect
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import graphs

import minigraph as mg


@dataclass(frozen=True)
class Picture:
    """A picture: the function that builds the node, which pass, the options of `mg.draw`, and the name of its ``wrt``."""

    build: Callable[[], mg.Node]
    direction: str
    options: dict[str, object]
    wrt: str | None = None

    @property
    def name(self) -> str:
        """The name of its file: the function's, the pass and the options."""
        options = [f"{name}-{value}" for name, value in self.options.items()] + ([f"wrt-{self.wrt}"] if self.wrt else [])
        return "-".join([self.build.__name__.replace("_", "-"), self.direction, *options]).lower()

    @property
    def code(self) -> str:
        """The line that draws it."""
        options = "".join(f", {name}={value!r}" for name, value in self.options.items()).replace("'", '"')
        options += f", wrt={self.wrt}" if self.wrt else ""
        return f'mg.draw(J, "{self.direction}"{options})'

    def draw(self) -> mg.Diagram:
        """The diagram."""
        J = self.build()
        ends = [node for node in mg.backward(J).gradients if node.name == self.wrt] if self.wrt else None
        return mg.draw(J, self.direction, wrt=ends, **self.options)


CIRCUIT, GROUPS = {"style": "circuit"}, {"level": "groups"}

CHAPTERS = {
    "Numbers": [
        Picture(graphs.chain, "forward", {}),
        Picture(graphs.chain, "backward", {}),
        Picture(graphs.chain, "both", {}),
        Picture(graphs.chain, "both", CIRCUIT),
        Picture(graphs.chain, "backward", {"values": False}),
        Picture(graphs.two_paths, "backward", {}),
        Picture(graphs.two_paths, "both", {}),
        Picture(graphs.two_paths, "backward", {}, wrt="b"),
        Picture(graphs.square, "backward", {}),
        Picture(graphs.shared_step, "backward", {}),
        Picture(graphs.shared_step, "backward", {"fold": False}),
    ],
    "One layer": [
        Picture(graphs.logistic_unit, "forward", {}),
        Picture(graphs.logistic_unit, "backward", {}),
        Picture(graphs.logistic_unit, "backward", {}, wrt="w2"),
        Picture(graphs.logistic_unit, "both", CIRCUIT),
        Picture(graphs.logistic_regression, "forward", {}),
        Picture(graphs.logistic_regression, "backward", {}),
        Picture(graphs.logistic_regression, "both", {}),
        Picture(graphs.softmax_classifier, "forward", {}),
        Picture(graphs.softmax_classifier, "backward", {}),
        Picture(graphs.l2_cost, "backward", {}),
    ],
    "Deep nets": [
        Picture(graphs.one_hidden_layer, "forward", {}),
        Picture(graphs.one_hidden_layer, "backward", {}),
        Picture(graphs.five_layers, "forward", {}),
        Picture(graphs.five_layers, "backward", {}),
        Picture(graphs.five_layers, "backward", GROUPS),
        Picture(graphs.forty_layers, "backward", GROUPS),
        Picture(graphs.trained_net, "forward", {}),
        Picture(graphs.trained_net, "backward", {}),
        Picture(graphs.trained_net, "backward", GROUPS),
    ],
    "Shared parameters and other nets": [
        Picture(graphs.residual_net, "backward", {}),
        Picture(graphs.siamese_net, "backward", {}),
        Picture(graphs.attention, "forward", {}),
        Picture(graphs.attention, "backward", {}),
        Picture(graphs.recurrent_net, "backward", {}),
        Picture(graphs.recurrent_unit, "backward", {}),
        Picture(graphs.fork_of_sixty, "backward", {}),
        Picture(graphs.sum_of_sixty, "backward", {}),
    ],
    "Derivatives and updates are graphs too": [
        Picture(graphs.second_derivative, "forward", {}),
        Picture(graphs.second_derivative, "backward", {}),
        Picture(graphs.gradient_graph, "forward", {}),
        Picture(graphs.adams_update, "forward", {}),
    ],
    "Names and sizes": [
        Picture(graphs.long_names, "backward", {}),
        Picture(graphs.nothing_named, "backward", {}),
        Picture(graphs.sixty_steps, "backward", {}),
        Picture(graphs.hundred_nodes, "forward", {}),
        Picture(graphs.three_hundred_nodes, "forward", {}),
        Picture(graphs.thousand_nodes, "forward", {}),
    ],
}
PICTURES = [picture for pictures in CHAPTERS.values() for picture in pictures]

PAGES = (graphs.chain, graphs.two_paths, graphs.one_hidden_layer)


@dataclass(frozen=True)
class Saved:
    """A picture in another form: what its file is called, the options of ``save``, and what it is."""

    picture: Picture
    file: str
    options: dict[str, object]
    told: str

    @property
    def code(self) -> str:
        """The line that writes it."""
        options = "".join(f", {name}={value}" for name, value in self.options.items())
        return f'{self.picture.code}.save("{self.file}"{options})'


CHAIN, NET = Picture(graphs.chain, "backward", {}), Picture(graphs.one_hidden_layer, "backward", {})
MOVING, LATEX = "It moves: a step of the pass every 1.5 seconds.", "TikZ, to be read by LaTeX"
SAVED = (
    Saved(Picture(graphs.chain, "both", {}), "chain-both-moving.svg", {"seconds": 1.5}, MOVING),
    Saved(CHAIN, "chain-backward.tex", {}, LATEX),
    Saved(NET, "one-hidden-layer-backward-moving.svg", {"seconds": 1.5}, MOVING),
    Saved(NET, "one-hidden-layer-backward.tex", {}, LATEX),
)


def code(build: Callable[[], mg.Node]) -> str:
    """The body of a function as it is typed: without its head, its docstring and its return."""
    lines = inspect.getsource(build).splitlines()[2:]
    *body, last = [line.removeprefix("    ") for line in lines]
    return "\n".join([*body, last.replace("return", "J =", 1)])


def page() -> str:
    """The gallery in Markdown: a line for each graph, which opens to its code and its pictures."""
    parts = [
        "# Gallery",
        "Each line opens to the code of a graph and its pictures; `docs/gallery/make.py` draws them all. Pictures are SVG: "
        "they scale, and their text can be searched and copied. A click shows one by itself.",
        f"The nets are built by these functions:\n\n{dropdown('Their code', helpers())}",
    ]
    for chapter, pictures in CHAPTERS.items():
        parts.append(f"## {chapter}")
        for build, shown in itertools.groupby(pictures, lambda picture: picture.build):
            inside = [f"```python\n{code(build)}\n```"]
            if build in PAGES:
                inside.append(f"Step by step: [{page_name(build)}]({page_name(build)}), written by `mg.step_through`.")
            for picture in shown:
                inside.append(f"`{picture.code}`\n\n![{build.__doc__}]({picture.name}.svg)")
            for saved in SAVED:
                if saved.picture.build is build:
                    is_picture = saved.file.endswith(".svg")
                    shown_as = f"![{build.__doc__}]({saved.file})" if is_picture else f"[{saved.file}]({saved.file})"
                    inside.append(f"`{saved.code}`\n\n{saved.told}\n\n{shown_as}")
            parts.append(dropdown(build.__doc__ or "", "\n\n".join(inside)))
    return "\n\n".join(parts) + "\n"


def helpers() -> str:
    """The code of the functions that several graphs share."""
    return f"```python\n{inspect.getsource(graphs.layers)}\n\n{inspect.getsource(graphs.many_nodes).strip()}\n```"


def dropdown(title: str, inside: str) -> str:
    """A line that opens, on any page that shows Markdown with HTML in it."""
    return f"<details>\n<summary>{html.escape(title)}</summary>\n\n{inside}\n\n</details>"


def page_name(build: Callable[[], mg.Node]) -> str:
    """The name of the step-through page."""
    return f"{build.__name__.replace('_', '-')}-steps.html"


def main(folder: Path) -> None:
    """Draw everything into a folder."""
    for picture in PICTURES:
        picture.draw().save(folder / f"{picture.name}.svg")
    for saved in SAVED:
        saved.picture.draw().save(folder / saved.file, **saved.options)
    for build in PAGES:
        mg.step_through(build(), folder / page_name(build))
    (folder / "index.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
