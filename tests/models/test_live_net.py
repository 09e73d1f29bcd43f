"""Live pages of nets: what learns in the page is what fit learns, and the plane shows what the net says."""

import json
import re

import live_pages
import numpy as np
import pytest
from browsers import needs_browser, opened
from live_pages import needs_node
from minigraph.models import DeepNet, LogisticRegression, NotFittedError
from minigraph.models.datasets import blobs, flower

from minigraph.pages import LivePage

DESCENT = """(() => {
  const now = data.leaves.map(leaf => Float64Array.from(leaf.values, Number)), costs = [];
  for (let i = 0; i <= 100; i++) {
    const outputs = computed(data.program, now);
    costs.push(outputs[data.root][0]);
    if (i < 100) data.leaves.forEach((leaf, k) => { if (!leaf.moves) return;
      now[k] = now[k].map((x, j) => x - data.rate * outputs[leaf.gradient][j]);
    });
  }
  return { costs, now: now.map(x => [...x]), said: [...computed(data.map.program, now)[0]] };
})()"""


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.text, re.DOTALL)[1])


@pytest.fixture(scope="module")
def net():
    return DeepNet([2, 4, 1], hidden="tanh").fit(*flower(), epochs=100, rate=1.2, progress=False)


@needs_node
def test_a_hundred_steps_on_the_flower_are_those_of_fit(net):
    before = [node.value for node in net.parameters]
    content = data_of(net.live(rate=1.2))
    found = live_pages.run(["live_machine.js"], content, DESCENT)
    np.testing.assert_allclose(found["costs"][:100], net.history.cost, rtol=1e-12)
    learnt = dict(zip([leaf["name"] for leaf in content["leaves"]], found["now"], strict=True))
    for node, was in zip(net.parameters, before, strict=True):
        assert node.value is was or np.array_equal(node.value, was)
        name = node.name.translate(str.maketrans("12", "₁₂"))
        np.testing.assert_allclose(learnt[name], np.ravel(node.value), rtol=1e-12, atol=1e-14)
    (left, right), (bottom, top) = content["map"]["limits"]
    across, up = np.meshgrid(np.linspace(left, right, 40), np.linspace(bottom, top, 40))
    expected = net.predict_probability(np.stack([across.ravel(), up.ravel()]))
    np.testing.assert_allclose(found["said"], expected[0], atol=1e-3)


def learnt_in_the_page(page):
    """The costs of a hundred steps in the page, and where they lead, by the names of the parameters."""
    content = data_of(page)
    found = live_pages.run(["live_machine.js"], {**content, "map": {"program": content["program"]}}, DESCENT)
    names = [leaf["name"].translate(str.maketrans("₁₂", "12")) for leaf in content["leaves"]]
    return found["costs"], dict(zip(names, found["now"], strict=True))


@needs_node
@pytest.mark.parametrize(
    "weights", [None, "balanced", np.r_[np.full(20, 3.0), np.full(20, 0.5)]], ids=["plain", "balanced", "given"]
)
@pytest.mark.parametrize(
    ("make", "classes"),
    [(lambda: DeepNet([2, 4, 1], hidden="tanh"), 2), (lambda: DeepNet([2, 3, 3]), 3), (LogisticRegression, 2)],
)
def test_a_hundred_steps_have_the_penalty_and_the_weights_of_fit(make, classes, weights):
    X, Y = blobs(40, classes=classes, noise=1.5, seed=2)
    Y = np.where(np.arange(40) < 30, Y, 0)
    net = make().fit(X, Y, epochs=100, rate=1 / 3, l2=2.5, example_weights=weights, progress=False)
    costs, learnt = learnt_in_the_page(net.live(rate=1 / 3))
    np.testing.assert_allclose(costs[:100], net.history.cost, rtol=1e-12)
    for node in net.parameters:
        np.testing.assert_allclose(learnt[node.name], np.ravel(node.value), rtol=1e-12, atol=1e-13)
    plain, _ = learnt_in_the_page(make().fit(X, Y, epochs=1, rate=1 / 3, progress=False).live())
    assert abs(plain[-1] - costs[-1]) > 1e-4


@needs_node
def test_of_mini_batches_the_page_has_the_first_and_its_part_of_the_penalty():
    X, Y = flower(40)
    net = DeepNet([2, 4, 1], hidden="tanh").fit(X, Y, epochs=1, batch_size=16, l2=4.0, progress=False)
    page = net.live()
    assert "It learns from 16 of the 40 examples: the first batch of fit." in page.text
    assert data_of(page)["map"]["points"] == data_of(net.live(None, X[:, :16], Y[:, :16]))["map"]["points"]
    costs, _ = learnt_in_the_page(net.live(trained=True))
    assert costs[0] == pytest.approx(float(net.cost_node), rel=1e-14)


def test_a_page_that_has_all_examples_says_nothing_of_a_batch(net):
    X, Y = flower(40)
    in_batches = DeepNet([2, 4, 1]).fit(X, Y, epochs=1, batch_size=16, progress=False)
    for page in [net.live(), in_batches.live(None, X, Y), LogisticRegression().fit(X, Y, epochs=1, batch_size=40).live()]:
        assert 'id="note"' not in page.text
    assert '<p id="note">1 &lt; 2</p>' in in_batches.live(note="1 < 2").text


@needs_node
def test_examples_that_are_given_have_the_penalty_but_not_the_weights():
    X, Y = flower(40)
    net = LogisticRegression().fit(X, Y, epochs=3, l2=5.0, example_weights="balanced", progress=False)
    costs, _ = learnt_in_the_page(net.live(None, X[:, :10], Y[:, :10], trained=True))
    assert costs[0] == pytest.approx(float(net.graph(X[:, :10], Y[:, :10], l2=5.0)), rel=1e-14)


def test_the_page_begins_with_the_rate_to_the_last_digit(net):
    assert 'id="rate" size="6" value="0.3333333333333333"' in net.live(rate=1 / 3).text
    assert 'id="rate" size="6" value="1"' in net.live(rate=1).text


def test_the_page_of_the_flower_is_small_and_has_its_examples(net, tmp_path):
    X, Y = flower()
    path = net.live(tmp_path / "flower.html", trained=True, title="<flower>")
    text = path.read_text("utf-8")
    assert len(text.encode()) < 150_000 and "&lt;flower&gt;" in text
    page = net.live(trained=True)
    content = data_of(page)
    assert isinstance(page, LivePage) and content["rate"] == 0.1
    np.testing.assert_allclose(content["map"]["points"], X, atol=1e-3)
    assert content["map"]["classes"] == Y[0].tolist() and content["map"]["labels"] == ["0", "1"]
    assert [leaf["values"] for leaf in content["leaves"]] == [np.ravel(node.value).tolist() for node in net.parameters]


def test_a_net_that_was_not_fitted_needs_examples():
    net = LogisticRegression(2)
    with pytest.raises(NotFittedError, match=r"no training data are at hand. Give examples: live\(path, X, Y\)"):
        net.live()
    content = data_of(net.live(None, [[1.0, 2.0], [3.0, 3.0]], [[0, 1]]))
    assert content["map"]["points"] == [[1.0, 2.0], [3.0, 3.0]] and content["map"]["limits"][1] == [2.9, 3.1]


def test_numbers_and_many_features_have_no_plane():
    X, Y = np.arange(12.0).reshape(3, 4), [[0, 1, 1, 0]]
    assert data_of(LogisticRegression().fit(X, Y, epochs=1, progress=False).live())["map"] is None
    assert data_of(DeepNet([2, 1], output="identity").fit(X[:2], X[2:], epochs=1, progress=False).live())["map"] is None


def test_large_parameters_are_moved_by_descent_alone():
    net = DeepNet([2, 30, 1]).fit(*flower(40), epochs=1, progress=False)
    page = net.live()
    leaves = {leaf["name"]: leaf for leaf in data_of(page)["leaves"]}
    assert leaves["W₁"]["moves"] and not leaves["W₁"]["fields"] and leaves["b₂"]["fields"]
    assert page.text.count('<input type="range"') == 1


@needs_browser
@pytest.mark.parametrize("classes", [2, 3])
def test_the_plane_follows_the_descent(tmp_path, classes):
    X, Y = blobs(60, classes=classes, noise=0.4)
    net = DeepNet([2, 30, classes if classes > 2 else 1]).fit(X, Y, epochs=110, rate=0.5, progress=False)
    complaints = []
    path = net.live(tmp_path / "blobs.html", rate=0.5)
    with opened() as browser:
        tab = browser.new_page(viewport={"width": 390, "height": 700})
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(path.as_uri())
        before = tab.evaluate("byId('map').toDataURL()")
        tab.click("#hundred")
        tab.click("#ten")
        right = round(net.score(X, Y) * 60)
        assert tab.inner_text("#score") == f"{right} of 60 examples are classified right."
        assert tab.evaluate("byId('map').toDataURL()") != before and tab.evaluate("costs.length") == 111
        assert "up: x2, " in tab.inner_text("#axes")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not complaints
