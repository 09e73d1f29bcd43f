"""Guess first on the step-through page: what is hidden, what is asked, what is said to an answer."""

import pytest
from browsers import needs_browser, step, visible_texts

pytestmark = needs_browser


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_guess_first_hides_the_number_and_names_the_slip(open_page, size):
    tab = open_page("two_paths", size)
    tab.keyboard.press("g")
    tab.keyboard.press("PageDown")
    assert tab.inner_text("#said") == "c = a + b = ?"
    assert "= 3" not in visible_texts(tab) and "= 9" not in visible_texts(tab)
    assert tab.evaluate("document.activeElement.id") == "answer"
    assert "3" not in tab.get_attribute("#n2", "aria-label").replace("#2", "")
    tab.keyboard.type("-3")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#verdict") == "Not yet: the sign is wrong: it is −1 times the right one."
    tab.fill("#answer", "7")
    tab.click("#check")
    assert "none of the usual slips" in tab.inner_text("#verdict")
    tab.fill("#answer", "six")
    tab.keyboard.press("Enter")
    assert "Type a number" in tab.inner_text("#verdict")
    tab.fill("#answer", "3")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#said") == "Right: c = 3. c = a + b = 3." and step(tab) == 2
    assert "= 3" in visible_texts(tab) and "= 9" not in visible_texts(tab)
    for _ in range(2):
        tab.keyboard.press("PageDown")
        tab.click("#reveal")
    assert tab.inner_text("#said") == "e = c·d = 9."
    tab.keyboard.press("PageDown")
    assert step(tab) == 5, "nothing is asked at the seed"
    tab.keyboard.press("PageDown")
    assert tab.inner_text("#said") == "e = c·d: ∂e/∂c gets ∂e/∂e × ∂e/∂c = 1 × ? = ?"
    assert not [text for text in visible_texts(tab) if "1 × 3" in text or "∂e/∂c" in text]
    tab.fill("#answer", "1")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#verdict") == "Not yet: the factor ∂e/∂c = d was forgotten."
    assert tab.evaluate("getComputedStyle(document.querySelector('#list li:nth-child(6) button')).visibility") == "hidden"
    tab.keyboard.press("PageDown")
    assert tab.inner_text("#said").endswith("= 1 × 3 = 3."), "a remote tells the answer, then goes on"
    tab.locator("#n1").click()
    assert "6" not in tab.inner_text("#said")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_of_arrays_an_entry_or_the_shape_is_guessed(open_page, size):
    tab = open_page("net", size)
    tab.keyboard.press("g")
    tab.keyboard.press("PageDown")
    asked = "Z₁ = W₁ X + b₁; W₁ is (4, 3), X is (3, 6), b₁ is (4, 1): the shape of Z₁ is ?"
    assert tab.inner_text("#said") == asked
    for text, told in (
        ("6 x 4", "Not yet: it is transposed."),
        ("24", "Not yet: Z₁ has so many entries;"),
        ("nine", "Type a shape"),
    ):
        tab.fill("#answer", text)
        tab.click("#check")
        assert tab.inner_text("#verdict").startswith(told)
    tab.fill("#answer", "4×6")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#said").startswith("Right: The shape of Z₁: (4, 6). Z₁ = ") and step(tab) == 2
    tab.keyboard.press("PageDown")
    assert tab.inner_text("#said") == "A₁ = tanh(Z₁) with Z₁[2, 1] = −2.692: A₁[2, 1] = ?"
    tab.fill("#answer", "-2.692")
    tab.click("#check")
    assert tab.inner_text("#verdict") == "Not yet: that is Z₁[2, 1], which goes in: A₁ comes out."
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for _ in range(12):
        if tab.is_visible("#reveal"):
            tab.click("#reveal")
        tab.keyboard.press("PageDown")
        if step(tab) > 7:  # behind the seed all is asked
            assert tab.is_visible("#ask") and tab.inner_text("#said").endswith("?")
    assert step(tab) > 8
