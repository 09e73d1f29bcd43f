"""Right answers of quizzes against another way to find them, differences or fractions; the sheets agree with the page."""

import html
import json
import re

import numpy as np
import pytest
from hypothesis import given
from quiz_answers import exactly, expected, slope, slopes

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.pages.question import Asked
from minigraph.pages.quiz_arrays import questions_of_arrays
from minigraph.pages.quiz_numbers import new_graph, with_new_numbers
from minigraph.pages.quiz_questions import questions_of
from minigraph.reading.numbers import parsed
from minigraph.testing import graphs


def answers(questions):
    """The answers by what is asked: no two questions ask for the same."""
    found = [(question.ask, question.answer) for question in questions if isinstance(question.answer, float)]
    assert len(dict(found)) == len(found)
    return dict(found)


@given(graphs(max_operations=5))
def test_answers_on_random_graphs_are_those_of_differences(graph):
    asked = Asked(graph.root, True)
    found, sure = answers(questions_of(asked)), set()
    for texts, right in expected(asked):
        if all(text in found for text in texts):
            np.testing.assert_allclose(sum(found[text] for text in texts), right, rtol=1e-6, atol=1e-6)
            sure |= set(texts)
    assert sure == found.keys()


def many_uses(generator):
    """A number used in five places, twice in one of them, straight by J too; a factor of 0 on the way."""
    x, zero = mg.parameter(1.0, "x"), mg.parameter(1.0, "zero")
    u, v, w = (2 * x).named("u"), (x * x).named("v"), ((x - 1) * zero).named("w")
    made = with_new_numbers((u * v + w + x).named("J"), generator)
    found = {node.name: node for node in ancestors([made])}
    found["zero"].value = 0.0
    return made


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("make", [lambda x: with_new_numbers(new_graph(x), x), many_uses])
def test_answers_are_exactly_those_of_fractions(make, seed):
    asked = Asked(make(np.random.default_rng(seed)), True)
    found, sure = answers(questions_of(asked)), set()
    for texts, right in expected(asked, exactly):
        assert sum(found[text] for text in texts) == right
        sure |= set(texts)
    assert sure == found.keys() and len(sure) > 8


@given(graphs(max_operations=5))
def test_entries_and_shapes_on_random_graphs_are_those_of_differences(graph):
    asked = Asked(graph.root, True)
    for question in questions_of_arrays(asked):
        if question.choices:
            continue
        leaf = next(x for x in graph.parameters if f"{asked.gradient(x)} " in f"{question.ask.split('[')[0]} ")
        if isinstance(question.answer, tuple):
            assert (
                question.ask == f"the shape of {asked.gradient(leaf)}" and question.answer == slopes(asked.root, leaf).shape
            )
        else:
            entry = tuple(map(int, re.findall(r"\d+", question.ask.partition("[")[2])))
            np.testing.assert_allclose(question.answer, slope(asked.root, leaf, entry=entry), rtol=1e-6, atol=1e-6)


def products():
    """Costs with a product of two named matrices: one of them transposed or none, square or not."""
    generator = np.random.default_rng(5)
    for rows, inner, columns in ((2, 3, 4), (3, 2, 2), (2, 2, 2)):
        for turned in ("", "A", "B"):
            shapes = {"A": (rows, inner), "B": (inner, columns)}
            shapes = {name: shape[::-1] if name == turned else shape for name, shape in shapes.items()}
            A, B = (mg.parameter(generator.normal(size=shape), name) for name, shape in shapes.items())
            C = ((A.T if turned == "A" else A) @ (B.T if turned == "B" else B)).named("C")
            J = (C * C * generator.normal(size=C.shape)).sum().named("J")
            yield pytest.param({"A": A, "B": B, "C": C}, J, turned, id=f"{rows}{inner}{columns}{turned}")


def product_of(text, nodes, J):
    """What a choice such as ``∂J/∂C · Bᵀ`` gives, with a gradient by differences; None if the shapes don't fit."""
    arrays = [slopes(J, nodes[x.rstrip("ᵀ")[-1]]) if "∂" in x else nodes[x[0]].value for x in text.split(" · ")]
    left, right = (x.T if part.endswith("ᵀ") else x for x, part in zip(arrays, text.split(" · "), strict=True))
    return left @ right if left.shape[1] == right.shape[0] else None


@pytest.mark.parametrize(("nodes", "J", "turned"), list(products()))
def test_the_order_that_is_right_is_the_only_product_that_gives_the_differences(nodes, J, turned):
    orders = [question for question in questions_of_arrays(Asked(J, True)) if question.choices]
    assert {question.ask for question in orders} == {f"∂J/∂{name}" for name in "AB" if name != turned}
    for question in orders:
        right = slopes(J, nodes[question.ask[-1]])
        found = [product_of(choice, nodes, J) for choice in question.choices]
        fits = [x is not None and x.shape == right.shape and np.allclose(x, right, rtol=1e-5) for x in found]
        assert len(fits) == 4 and fits == [place == question.answer for place in range(4)]


def several():
    b, x = mg.parameter(3.0, "b"), mg.parameter(2.0, "x")
    W, X = mg.parameter([[1.0, 2, 0], [-1, 3, 2]], "W"), mg.data([[1.0, 2], [0, 1], [3, -1]], "X")
    return {
        "two paths": ((2 + b).named("c") * (b + 1).named("d")).named("e"),
        "double edges": ((x * x).named("v") + x * x).named("J"),
        "straight": (x * (x + 1).named("u")).named("J"),
        "thirds": (mg.sigmoid((x / 3).named("u")).named("v") * b).named("J"),
        "matrices": mg.squared_error((W @ X).named("Z"), np.ones((2, 2))).sum().named("J"),
        "nothing named": mg.exp(mg.parameter(0.5) * mg.parameter(2.0)) + mg.parameter(1.0),
    }


@pytest.mark.parametrize("name", several())
@pytest.mark.parametrize("seed", [None, 3])
def test_the_sheets_agree_with_the_page(name, seed):
    page = mg.quiz(several()[name], seed=seed)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.text).group(1))["sheets"]
    papers = [
        re.findall(r"<li>(.*?)</li>", text, re.S)
        for text in re.findall(r'<ol class="paper questions">(.*?)</ol>', page.text, re.S)
    ]
    solved = [
        re.findall(r"<li><b>(.*?)</b>", text)
        for text in re.findall(r'<ol class="paper solutions">(.*?)</ol>', page.text, re.S)
    ]
    worksheets, solutions = (re.findall(r"^ *\d+\. (.*)$", text, re.M) for text in (page.worksheet, page.solutions))
    questions = [question for sheet in data for question in sheet]
    on_paper = [html.unescape(re.sub("<[^>]*>", "", text)) for sheet in papers for text in sheet]
    answered = [html.unescape(text) for sheet in solved for text in sheet]
    assert len(data) == (1 if seed is None else 3) and answered == solutions
    for question, paper, sheet, solution in zip(questions, on_paper, worksheets, solutions, strict=True):
        start = f"{question['given']}. " if question["given"] else ""
        assert paper.startswith(f"{start}{question['prompt']}") and sheet.startswith(f"{start}{question['prompt']}")
        assert solution.startswith(question["prompt"].removesuffix("=")) and solution.endswith(question["shown"])
        if question["form"] == "number":
            assert parsed(question["shown"]) == pytest.approx(question["answer"], rel=5e-4, abs=1e-9)
            assert question["solution"].splitlines()[0].endswith(question["shown"]) or "[" in question["prompt"]
        elif question["form"] == "choice":
            assert question["choices"][question["answer"]] == question["shown"]


@given(graphs(max_operations=5))
def test_what_is_known_was_asked_before(graph):
    asked = Asked(graph.root, True)
    gradients = {asked.gradient(asked.root): 1.0}
    for question in questions_of(asked):
        match = re.fullmatch(r"(.*) [=≈] (\S+)", question.known)
        if match and " gets " not in question.known:
            assert parsed(match[2]) == pytest.approx(gradients[match[1]], rel=5e-4, abs=1e-9)
        if isinstance(question.answer, float):
            gradients[question.ask] = question.answer
