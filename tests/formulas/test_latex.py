"""The LaTeX of every operation, of local derivatives and of whole explanations compiles."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minigraph as mg
from minigraph.formulas import symbol, to_latex
from minigraph.formulas.spelling import latex_name
from minigraph.reading.words import told
from minigraph.testing import graphs
from minigraph.testing.builder import RECIPES, Builder


def refuse(katex, latex):
    wrong = katex(latex)
    assert wrong == "", f"{wrong}\n{latex}"


@pytest.mark.parametrize("name", RECIPES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_operation_and_its_local_derivatives(katex, name, data):
    node = RECIPES[name](Builder(data.draw, "float64"))
    refuse(katex, to_latex(node.formula()))
    upstream = symbol("∂J/∂Z1", node.shape)
    for local in node.op.derivatives(node, *node.inputs):
        if local is not None:
            refuse(katex, to_latex(local.notation(upstream)))
            refuse(katex, to_latex(told(local, upstream)))


@given(graph=graphs(), data=st.data(), form=st.sampled_from(["exact", "notes"]))
def test_explanations(katex, graph, data, form):
    node = data.draw(st.sampled_from(graph.parameters))
    entry = tuple(0 for _ in node.shape) if node.size else None
    refuse(katex, mg.explain(graph.root, node, entry=entry, form=form, rules=True).latex)
    refuse(katex, mg.explain(graph.root, form=form).latex)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=20))
def test_names_are_never_markup(katex, name):
    wrong = katex(latex_name(name))
    assert wrong == "" or "unicode" in wrong.lower() or "Unrecognized Unicode character" in wrong, wrong
