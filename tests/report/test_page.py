"""``report.html``: one file that loads nothing, says the same as the numbers, in either language, byte for byte."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from dispatch.documents.messages import catalogue
from dispatch.planning.measure import measure
from dispatch.report.findings import share
from dispatch.report.page import write_report
from dispatch.report.shapes import decode
from tests import tiny
from tests.report.conftest import COMMAND, VERSIONS, flooded
from tests.report.worlds import MINUTE, one_truck

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "use", "line", "image"}


class Document(HTMLParser):
    """Elements with their attributes, the visible text, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.cells: list[list[str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"} and self.cells:
            self.cells[-1].append("")
        if tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, text):
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.scripts[-1] += text
        elif inside == "style":
            self.styles.append(text)
        else:
            self.words.append(text)
            if {"td", "th"} & set(self.open) and self.cells and self.cells[-1]:
                self.cells[-1][-1] += text

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def document(path) -> Document:
    return Document(path.read_text(encoding="utf-8"))


def drawn(path) -> dict:
    """The page's JSON."""
    script = next(s for s in document(path).scripts if "const DATA" in s)
    return json.loads(re.search(r"const DATA = (.*);\n", script).group(1))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_loads_nothing(ran, lang):
    page = document(ran.pages[lang])
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "href", "xlink:href", "data", "poster", "action", "background"):
            value = attributes.get(name, "")
            assert not value or value.startswith(("#", "data:")), (tag, name, value)
        assert tag not in {"link", "base", "iframe", "object", "embed"}
        assert "url(" not in attributes.get("style", "").replace("url(#", "")
    for style in page.styles:
        assert "@import" not in style
        assert "url(" not in style
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    own = page.scripts[-1]
    assert not re.findall(r"\b(fetch|XMLHttpRequest|WebSocket|import)\s*\(", own)
    assert "http://" not in own
    assert "https://" not in own


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ids_occur_once_and_links_lead_somewhere(ran, lang):
    page = document(ran.pages[lang])
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"][1:] for t, a in page.elements if t == "a" and a.get("href", "").startswith("#")]
    assert {"answer", "map-part", "figures", "tables", "assumptions"} <= set(links) <= set(ids)
    controls = [a for t, a in page.elements if t in {"input", "select", "button"}]
    assert len(controls) > 10


def test_each_language_is_complete_and_unmixed(ran):
    sentences = {
        lang: [
            re.sub(r"\{.*?\}.*", "", entry[lang]).strip()
            for key, entry in catalogue().items()
            if key.startswith("report_")
        ]
        for lang in ("zh", "en")
    }
    zh, en = (document(ran.pages[lang]).text for lang in ("zh", "en"))
    for phrase in sentences["en"]:
        if len(phrase) > 14 and phrase not in sentences["zh"]:
            assert phrase not in zh, phrase
    for phrase in sentences["zh"]:
        if len(phrase) > 3 and re.search(r"[\u4e00-\u9fff]", phrase):
            assert phrase not in en, phrase
    for lang, shown in (("zh", zh), ("en", en)):
        for key in (
            "answer",
            "first_batch",
            "map",
            "figures",
            "tables",
            "assumptions",
            "assume_steps",
            "assume_repeat",
        ):
            assert catalogue()[f"report_{key}"][lang] in shown
        assert catalogue()["report_planning_aid"][lang] in shown
        assert not re.search(r"\breport_[a-z]", shown)
        assert "{" not in shown
    assert '<html lang="zh-CN">' in ran.pages["zh"].read_text(encoding="utf-8")
    assert "规划辅助，不是命令" in zh
    assert "planning aid, not an order" in en


def test_every_message_has_both_languages_with_the_same_places_to_fill_in():
    for key, entry in catalogue().items():
        if key.startswith("report_"):
            zh, en = (set(re.findall(r"\{(\w+)[^}]*\}", entry[lang])) for lang in ("zh", "en"))
            if key not in {"report_moment", "report_moment_long"}:  # Chinese dates have no month's name
                assert zh == en, key
            assert entry["zh"], key
            assert entry["en"], key


def test_the_numbers_are_those_of_the_measures_and_of_the_nights(ran):
    page = document(ran.pages["en"])
    chance = ran.ensemble.summary.p_on_time
    number = re.search(r'id="the-number">(.*?)<', ran.pages["en"].read_text(encoding="utf-8")).group(1)
    assert number == share(chance.value)
    assert f"95% interval {share(chance.low)}–{share(chance.high)} · 12 nights" in page.text
    rows = {row[0]: row[1:] for row in reversed(page.cells)}  # the places stand before their townships
    assert rows["T_all last place complete"] == ["1:36", "1:36"]
    assert rows["T₁ first place complete"] == ["1:04", "1:04"]
    assert rows["People with the first batch by the deadline"] == ["300 of 300 (100%)"] * 2
    measured = measure(ran.plan, ran.scenario)
    assert measured.t_all_ms == 96 * MINUTE
    for place in ran.ensemble.summary.places.itertuples():
        shown = rows[f"{place.place}村"]
        assert shown[3] == share(place.p_in_time)
        assert shown[4] == f"{share(place.in_time_low)}–{share(place.in_time_high)}"


def test_what_must_be_said_is_said_first(ran):
    html = ran.pages["en"].read_text(encoding="utf-8")
    assert html.index("Synthetic stock.") < html.index('id="the-number"') < html.index('id="map"')
    order = [html.index(f'<section id="{name}"') for name in ("answer", "map-part", "figures", "tables", "assumptions")]
    assert order == sorted(order)
    page = document(ran.pages["en"])
    assert COMMAND in page.text
    assert "Seed 5" in page.text
    assert "9.9.9" in page.text
    assert "by hand" in page.text
    assert "BSD 2-Clause License" in html  # Leaflet's, with every copy


def test_the_timetable_on_the_page_is_the_plan(ran):
    rows = [row for row in document(ran.pages["en"]).cells if row and row[0] == "T1"]
    assert [row[4:6] for row in rows[3:5]] == [["driving loaded", "县库 → A村"], ["unloading", "A村"]]
    assert rows[4][1:4] == ["20 Jul 22:58", "23:04", "0:58"]
    assert rows[4][6] == "quilt 100"


def test_equal_input_gives_equal_bytes(ran, tmp_path):
    scenario, plan = flooded()
    for lang in ("zh", "en"):
        again = write_report(tmp_path, scenario, plan, ran.ensemble, lang=lang, command=COMMAND, versions=VERSIONS)
        assert again.read_bytes() == ran.pages[lang].read_bytes()


def vehicle_at(data: dict, film: int, vehicle: int, t: int) -> tuple[float, float]:
    """Where the page's JSON has a vehicle, by the meaning written in film.py."""
    lines = decode(data["paths"])
    sites = data["sites"]
    at = None
    for _, start, end, site, to_site, path, *more in data["films"][film]["phases"][vehicle]:
        if at is None:
            at = (sites[site]["lon"], sites[site]["lat"])
        if t < start:
            return at
        if path >= 0:
            line = np.array(lines[path])
            vertices, times = np.cumsum(more[0]), start + np.cumsum(more[1])
            k = min(int(np.searchsorted(times, t, side="right")) - 1, len(times) - 2)
            part = line[vertices[k] : vertices[k + 1] + 1]
            along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(part, axis=0).T))])
            where = along[-1] * min((t - times[k]) / max(times[k + 1] - times[k], 1), 1.0)
            at = (float(np.interp(where, along, part[:, 0])), float(np.interp(where, along, part[:, 1])))
        elif to_site < 0:
            at = (sites[site]["lon"], sites[site]["lat"])
        if t < end:
            return at
    return at


@pytest.mark.parametrize(
    ("minute", "lon"),
    # D, A, B, C lie at 112.00, 112.01, 112.02, 112.03: by the timetable of worlds.one_truck
    [(0, 112.0), (47, 112.0), (53, 112.005), (58, 112.01), (61, 112.01), (69, 112.015), (77, 112.02), (87, 112.027),
     (93, 112.03), (111, 112.015), (125, 112.001), (140, 112.0)],
)  # fmt: skip
def test_a_truck_is_where_the_plan_has_it(ran, minute, lon):
    data = drawn(ran.pages["zh"])
    assert vehicle_at(data, 0, 0, minute * MINUTE) == pytest.approx((lon, 35.5), abs=1e-6)


def test_the_way_goes_by_the_road_and_the_last_stretch_on_foot():
    # B lies 0.002° off the road, 3 minutes on foot: the line leads D, junction, A's junction, B's junction, B
    scenario, plan = one_truck()
    sites = scenario.sites.copy()
    sites.loc["B", "lat"] = 35.502
    sites.loc["B", "access_ms"] = 3 * MINUTE
    stops = plan.stops.assign(
        leave_ms=[48 * MINUTE, 64 * MINUTE, 83 * MINUTE], arrive_ms=[58 * MINUTE, 77 * MINUTE, 96 * MINUTE],
        unload_start_ms=[58 * MINUTE, 77 * MINUTE, 96 * MINUTE], unload_end_ms=[64 * MINUTE, 83 * MINUTE, 102 * MINUTE],
    )  # fmt: skip
    scenario = dataclasses.replace(scenario, sites=sites)
    plan = dataclasses.replace(plan, stops=stops, trips=plan.trips.assign(return_ms=132 * MINUTE))
    from dispatch.report.film import Film, films_json
    from dispatch.report.phases import plan_phases

    listed = [{"id": s, "lon": float(sites.at[s, "lon"]), "lat": float(sites.at[s, "lat"])} for s in sites.index]
    data = films_json(scenario, [Film("plan", "", plan_phases(plan, scenario), {}, [], {})], listed)
    at = {m: vehicle_at(data, 0, 0, round(m * MINUTE)) for m in (69, 74, 75.5, 80, 84.5, 86, 91)}
    assert at[69] == pytest.approx((112.015, 35.5))
    assert at[74] == pytest.approx((112.02, 35.5))
    assert at[75.5] == pytest.approx((112.02, 35.501))
    assert at[80] == pytest.approx((112.02, 35.502))
    assert at[84.5] == pytest.approx((112.02, 35.501))
    assert at[86] == pytest.approx((112.02, 35.5))
    assert at[91] == pytest.approx((112.025, 35.5))


def test_the_map_plays_the_plan_and_the_nights(ran):
    data = drawn(ran.pages["en"])
    assert [film["name"].split()[0] for film in data["films"]] == ["plan", "night", "night", "night", "night"]
    sites = {site["id"]: k for k, site in enumerate(data["sites"])}
    assert data["films"][0]["served"] == [
        [sites["A"], 64 * MINUTE],
        [sites["B"], 80 * MINUTE],
        [sites["C"], 96 * MINUTE],
    ]
    assert (data["order_ms"], data["due_ms"], data["reference"]) == (0, 150 * MINUTE, "2026-07-20T22:00:00")
    (closure,) = data["films"][0]["closures"]
    assert closure[1:4] == [200 * MINUTE, 320 * MINUTE, data["states"].index("closed")]
    street = decode(data["streets"])[closure[0]]
    assert sorted(street) == [pytest.approx((112.01, 35.5)), pytest.approx((112.02, 35.5))]
    assert {site["kind"] for site in data["sites"]} == {"depot", "place"}
    assert [site["people"] for site in data["sites"]] == [0, 100, 100, 100]


def test_hostile_names_stay_text(tmp_path):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \" ' \u2028 $title"
    scenario, plan = one_truck(
        tables={"places": [{"place": p, "name": f"{p}{evil}", "kind": "village", "population": 100} for p in "ABC"]},
        title_zh=evil, title_en=evil, statements=((evil, evil),),
    )  # fmt: skip
    page = write_report(tmp_path, scenario, plan, None, lang="zh", command=evil, versions={evil: evil})
    found = document(page)
    assert not [tag for tag, _ in found.elements if tag == "img"]
    assert len(found.scripts) == 2
    assert "alert(1)" in found.text
    assert drawn(page)["sites"][1]["name"] == f"A{evil}"
    assert not [a for _, a in found.elements if any(name.startswith("on") for name in a)]


def test_a_page_without_nights_answers_with_the_plan(tmp_path):
    scenario, plan = one_truck()
    page = write_report(tmp_path, scenario, plan, None, lang="en", command="dispatch plan", versions=VERSIONS)
    assert 'id="the-number">1:36<' in page.read_text(encoding="utf-8")
    assert len(drawn(page)["films"]) == 1
    assert "figure-arrivals" not in page.read_text(encoding="utf-8")


def test_a_page_of_an_empty_plan_is_still_a_page(tmp_path):
    scenario, plan = one_truck(needs=[])
    empty = dataclasses.replace(plan, trips=plan.trips[:0], stops=plan.stops[:0], loads=plan.loads[:0])
    page = write_report(tmp_path, scenario, empty, None, lang="en", command="dispatch plan", versions=VERSIONS)
    assert "No place needs a first batch." in document(page).text
    assert drawn(page)["films"][0]["phases"] == []


def test_closures_without_end_are_json_too(tmp_path):
    hazard = tiny.disruption([tiny.closure("r23:2-3", -np.inf, np.inf)])
    scenario, plan = one_truck(hazard=hazard)
    page = write_report(tmp_path, scenario, plan, None, lang="en", command="dispatch plan", versions=VERSIONS)
    assert drawn(page)["films"][0]["closures"][0][1:3] == [None, None]


def test_importing_the_page_loads_no_plotting_library():
    import subprocess
    import sys

    script = (
        "import sys, dispatch.report.page, dispatch.report.summary\n"
        "print([name for name in ('matplotlib', 'simpy', 'ortools', 'osmnx') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
