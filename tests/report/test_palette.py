"""One palette for page and figures, legible in the light and in the dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from dispatch.report.palette import DARK, LIGHT, ROLE, as_variables, css_variables
from dispatch.report.phases import ACTIVITIES
from dispatch.report.six_hours import SPENT


def contrast(a: str, b: str) -> float:
    """Contrast of two colours, WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("values", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible(values):
    # WCAG 2.2: 4.5 for text, 3 for graphics and large text
    assert contrast(values["ink"], values["surface"]) >= 7
    assert contrast(values["ink"], values["faint"]) >= 7
    assert contrast(values["muted"], values["surface"]) >= 4.5
    assert contrast(values["muted"], values["faint"]) >= 4.5
    assert contrast(values["blue"], values["surface"]) >= 4.5  # links
    for role in ("served", "late", "closed", "depot", "deadline"):
        assert contrast(values[ROLE[role]], values["surface"]) >= 3, role


def test_every_light_value_occurs_once_so_that_a_figure_can_follow_the_dark_mode():
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert LIGHT.keys() == DARK.keys()
    assert as_variables("fill: #D55E00; stroke: #59636e") == "fill: var(--vermillion); stroke: var(--muted)"


def test_every_activity_and_step_has_a_colour():
    assert {*ACTIVITIES, *SPENT} <= ROLE.keys()
    assert set(ROLE.values()) <= LIGHT.keys()


def test_the_style_file_uses_the_palette_only():
    style = (files("dispatch.report") / "figure.mplstyle").read_text(encoding="utf-8")
    colours = re.findall(r"color: ([0-9a-f]{6})", style)
    assert len(colours) >= 7
    assert {f"#{colour}" for colour in colours} <= set(LIGHT.values())


def test_the_style_sheet_and_scripts_use_variables_only():
    for name in ("page.css", "page_map.html", "page_geometry.js", "page_layers.js", "page_timetable.js", "page.js"):
        written = (files("dispatch.report") / name).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-fA-F]{6}\b", written), name
        known = {*(n.replace("_", "-") for n in LIGHT), *(f"role-{n.replace('_', '-')}" for n in ROLE), "font", "mark"}
        assert set(re.findall(r"var\(--([\w-]+)\)", written)) <= known, name


def test_variables_are_declared_for_colours_and_roles():
    declared = css_variables(DARK)
    assert f"--ink: {DARK['ink']};" in declared
    assert "--role-wait-dock: var(--yellow);" in declared
