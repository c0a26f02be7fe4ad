"""The page in a real browser, from file:// with the network off: it opens, plays, answers, and prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dispatch.report.page import write_report
from tests.report.chromium import Page, chromium
from tests.report.test_page import drawn, vehicle_at
from tests.report.worlds import MINUTE, one_truck


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def page(browser, ran) -> Page:
    browser.size(1280, 900)
    browser.prefer("light")
    browser.open(ran.pages["en"])
    return browser


def select(page: Page, control: str, value: str) -> None:
    """Choose from a list."""
    page.run(
        f"(() => {{ const list = document.getElementById('{control}'); list.value = '{value}';"
        " list.dispatchEvent(new Event('change')); })()"
    )


def corner(page: Page) -> list[float]:
    """Upper left corner of the map in the window."""
    found: list[float] = page.run(
        "(() => { const b = document.getElementById('map').getBoundingClientRect(); return [b.left, b.top]; })()"
    )
    return found


def test_it_opens_in_both_languages_without_an_error_or_a_request(browser, ran):
    for lang in ("zh", "en"):
        browser.open(ran.pages[lang])
        browser.run("reportPage.setTime(3600000)")
        assert browser.problems() == []


def test_trucks_are_drawn_where_the_json_has_them(page, ran):
    data = drawn(ran.pages["en"])
    for film in range(len(data["films"])):
        select(page, "film", str(film))
        for minute in range(0, 340, 7):
            at = page.run(f"reportPage.vehicle(0, {minute * MINUTE})")
            expected = pytest.approx(vehicle_at(data, film, 0, minute * MINUTE), abs=2e-6)
            assert (at["lon"], at["lat"]) == expected, (film, minute)


def test_the_activity_shown_is_the_plans(page):
    shown = [page.run(f"reportPage.vehicle(0, {m * MINUTE}).activity") for m in (10, 34, 40, 50, 60, 110, 200)]
    assert shown == ["prepare", "loading", "papers", "drive_loaded", "unloading", "drive_back", ""]


def test_places_turn_from_waiting_to_served_and_closures_come(page):
    site = page.run("DATA.sites.findIndex((site) => site.id === 'B')")
    for minute, state, closed in ((79, "waiting", 0), (80, "served", 0), (201, "served", 1), (321, "served", 0)):
        page.run(f"reportPage.setTime({minute * MINUTE})")
        assert page.run(f"reportPage.placeState({site})") == state
        assert page.run("reportPage.closed()") == closed
    page.run(f"reportPage.setTime({80 * MINUTE})")
    assert page.run("document.getElementById('elapsed').textContent") == "T+1:20"
    assert "2 of 3 delivery points · 200 of 300 people (67%)" in page.run(
        "document.getElementById('counts').textContent"
    )


def test_the_clock_plays_and_stops(page):
    page.run("document.getElementById('speed').value = 1200")
    page.run("document.getElementById('play').click()")
    page.wait_for("reportPage.time() > 600000")
    page.run("document.getElementById('play').click()")
    stopped = page.run("reportPage.time()")
    page.run("new Promise((done) => setTimeout(done, 100))")
    assert page.run("reportPage.time()") == stopped
    page.run("reportPage.setTime(DATA.end_ms - 1000); reportPage.play(true)")
    page.wait_for("reportPage.time() === DATA.end_ms")
    assert page.run("document.getElementById('play').getAttribute('aria-label')") == "Play"


def test_the_clock_obeys_the_keyboard(page):
    page.run("document.getElementById('slider').focus()")
    page.press(".", text=".")
    page.press(".", text=".")
    assert page.run("reportPage.time()") == 10 * MINUTE
    page.press(",", text=",")
    assert page.run("reportPage.time()") == 5 * MINUTE
    page.press("ArrowRight", number=39)
    assert page.run("reportPage.time()") == 6 * MINUTE
    page.press("End", number=35)
    assert page.run("reportPage.time() === DATA.end_ms")
    page.press("Home", number=36)
    assert page.run("reportPage.time() === DATA.start_ms")
    page.press(" ", code="Space", text=" ", number=32)
    page.wait_for("reportPage.time() > DATA.start_ms")
    page.press(" ", code="Space", text=" ", number=32)
    assert page.run("document.getElementById('play').getAttribute('aria-label')") == "Play"


def test_a_click_on_a_place_shows_its_timetable_and_a_time_goes_there(page):
    page.run("document.getElementById('map-part').scrollIntoView()")
    site = page.run("DATA.sites.findIndex((site) => site.id === 'C')")
    x, y = page.run(f"reportPage.screen({site})")
    box = corner(page)
    page.click(box[0] + x, box[1] + y)
    page.wait_for("document.querySelector('#detail h3') !== null")
    detail = page.run("document.getElementById('detail').innerText")
    assert detail.startswith("C村")
    assert "First batch complete at 23:36 (+1:36 after the order), in time" in detail
    assert "unloading until 23:36" in detail
    assert "quilt 100" in detail
    page.run("document.querySelector('#detail button.time').click()")
    assert page.run("reportPage.time()") == 90 * MINUTE
    assert page.run("document.querySelectorAll('#detail tr.now').length") == 1


def test_a_truck_chosen_from_the_list_shows_its_day(page):
    select(page, "pick", "vehicle:0")
    detail = page.run("document.getElementById('detail').innerText")
    assert detail.startswith("V1")
    for words in ("loading", "县库 → A村", "A村: quilt 100", "return", "done"):
        assert words in detail


def test_a_closed_road_can_be_asked(page):
    page.run("document.getElementById('map-part').scrollIntoView()")
    page.run(f"reportPage.setTime({210 * MINUTE})")
    a, b = (page.run(f"reportPage.screen(DATA.sites.findIndex((site) => site.id === '{s}'))") for s in "AB")
    box = corner(page)
    page.click(box[0] + (a[0] + b[0]) / 2, box[1] + (a[1] + b[1]) / 2)
    page.wait_for("document.querySelector('#detail h3') !== null")
    detail = page.run("document.getElementById('detail').innerText")
    assert "closed · flood" in detail
    assert "21/7 01:20 – 21/7 03:20" in detail


def test_layers_can_be_hidden(page):
    inked = (
        "[...document.querySelectorAll('.leaflet-still-pane canvas, .leaflet-moving-pane canvas')].map((c) =>"
        " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v > 0))"
    )
    assert page.run(inked) == [True, True]
    for name in ("depots", "places", "vehicles", "names"):
        page.run(f"document.querySelector('[data-layer={name}]').click()")
    assert page.run(inked) == [False, False]
    assert page.run("document.querySelectorAll('.leaflet-roads-pane canvas').length") > 0
    page.run("document.querySelector('[data-layer=roads]').click()")
    assert page.run("document.querySelectorAll('.leaflet-roads-pane canvas').length") == 0


def test_it_fits_a_phone_and_follows_the_dark(page, ran):
    page.size(390, 844, phone=True, ratio=2)
    page.open(ran.pages["en"])
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.prefer("dark")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(22, 27, 33)"
    assert page.run("getComputedStyle(document.querySelector('#figure-served text')).fill") == "rgb(164, 175, 186)"


def test_it_prints_light_on_a4_with_figures_in_place_of_the_player(page):
    page.prefer("dark", "print")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.getElementById('map-part')).display") == "none"
    assert page.run("getComputedStyle(document.getElementById('figure-map')).display") == "block"
    page.prefer("light")
    printed = page.pdf()
    assert printed.startswith(b"%PDF")
    sizes = {
        (round(float(w)), round(float(h))) for w, h in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    }
    assert sizes == {(595, 842)}  # A4, points


def test_controls_have_names_and_the_map_does_not_trap_the_keyboard(page):
    nameless = page.run(
        "[...document.querySelectorAll('button, select, input')].filter((e) =>"
        " !(e.getAttribute('aria-label') || e.title || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0
    assert page.run("document.querySelectorAll('[tabindex]:not([tabindex=\"0\"])').length") == 0
    assert page.run("[...document.querySelectorAll('h1, h2, h3')][0].tagName") in {"H1", "H2"}


def test_hostile_names_do_not_run(browser, tmp_path):
    evil = "</script><img src=x onerror='window.caught = 1'><script>window.caught = 1</script>"
    scenario, plan = one_truck(
        tables={"places": [{"place": p, "name": f"{p}{evil}", "kind": "village", "population": 100} for p in "ABC"]}
    )
    browser.open(write_report(tmp_path, scenario, plan, None, lang="en", command=evil, versions={"x": evil}))
    browser.run("reportPage.choose({ kind: 'site', index: 1 })")
    assert evil in browser.run("document.querySelector('#detail h3').textContent")
    assert browser.run("window.caught") is None
    assert browser.problems() == []
