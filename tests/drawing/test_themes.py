"""Looks: light, dark, on paper, and of one's own; each has its colours in the picture, and no others."""

import re
from dataclasses import replace

import pytest
from figures import gallery

import minigraph as mg
from minigraph.drawing.theme import DARK, PAPER, THEME
from minigraph.drawing.view import Kind, Look


def colours(source):
    return set(re.findall("#[0-9a-f]{6}", source))


def in_the_theme(theme):
    flat = {colour for value in vars(theme).values() if isinstance(value, str) for colour in [value]}
    boxes = {colour for style in theme.boxes.values() for colour in (style.fill, style.line)}
    return flat | boxes | {style.color for style in theme.rows.values()}


@pytest.mark.parametrize(("name", "theme"), [("light", THEME), ("dark", DARK), ("paper", PAPER)])
def test_a_picture_has_the_colours_of_its_theme_and_no_others(name, theme):
    source = mg.draw(gallery.logistic_regression(), "both", theme=name).source
    assert f'bgcolor="{theme.background}"' in source
    assert colours(source) <= in_the_theme(theme)
    assert {theme.value, theme.gradient, theme.ink} <= colours(source)


def test_paper_is_grey():
    assert all(paint[1:3] == paint[3:5] == paint[5:] for paint in in_the_theme(PAPER) if paint.startswith("#"))


def test_each_theme_has_every_box_in_the_same_shape():
    for theme in (DARK, PAPER):
        assert theme.boxes.keys() == THEME.boxes.keys() == set(Look)
        for look, style in theme.boxes.items():
            assert replace(style, fill="", line="") == replace(THEME.boxes[look], fill="", line="")


def test_a_theme_of_ones_own_changes_all_that_a_role_colours():
    own = mg.Theme(value="#005f5f", secondary="#333333")
    assert own.rows[Kind.VALUE].color == "#005f5f" and own.rows[Kind.NOTE].color == own.rows[Kind.SHAPE].color == "#333333"
    assert replace(DARK, gradient="#ffffff").rows[Kind.CONTRIBUTION].color == "#ffffff"
    source = mg.draw(gallery.logistic_regression(), "both", theme=own).source
    assert "#005f5f" in source and "#57606a" not in source


def test_the_theme_asked_for_is_shown_by_pages_too():
    diagram = mg.draw(gallery.logistic_unit(), "both", theme="dark")
    assert diagram.theme is DARK and diagram.svg_for_pages == diagram.svg and DARK.background in diagram.svg


@pytest.mark.parametrize("theme", ["drak", None, {}, 3])
def test_another_theme_is_refused(theme):
    with pytest.raises(ValueError, match="draw: theme is 'light' or 'dark' or 'paper', not "):
        mg.draw(gallery.logistic_unit(), theme=theme)
