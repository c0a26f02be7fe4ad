"""The evaluation report of a layout of stock points (储备点布局评估报告) as a Word document."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from dispatch.documents.messages import text
from dispatch.documents.word import Heading, Lines, Paragraph, Part, Picture, WordTable, write_word
from dispatch.norms import read_norm
from dispatch.planning.siting_compare import Comparison
from dispatch.planning.siting_ground import siting_rules
from dispatch.report.drawing import as_png
from dispatch.report.names import source_text
from dispatch.report.siting_files import charts, comparison_rows, gap_text, listed, sequence_text, synthetic

__all__ = ["write_siting_report"]

_MOST_ROWS = 25


def write_siting_report(found: Comparison, path: Path, lang: str, created: datetime, title: str) -> Path:
    """Write the report: conclusion, method and data, comparison, gain, townships, robustness, advice."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = {}
        for name, chart in charts(found, lang).items():
            file = Path(folder) / f"{name}.png"
            if as_png(chart, file, lang):
                pictures[name] = file.read_bytes()
    parts: list[Part] = [
        Heading(title, 0),
        Paragraph(text(lang, "siting_report_date", day=created.date().isoformat()), "centre"),
    ]
    if synthetic(found.ground.candidates, found.ground):
        parts.append(Paragraph(text(lang, "siting_synthetic"), "notice", bold=True))
    parts += [Heading(text(lang, "siting_head_conclusion")), Lines(tuple(findings(found, lang)))]
    parts += _method(found, lang)
    header, rows = comparison_rows(found, lang)
    parts += [
        Heading(text(lang, "siting_head_compare")),
        WordTable(header, rows, widths=(2.2, *(1.6,) * (len(header) - 1)), numbers=tuple(range(1, len(header)))),
        Paragraph(gap_text(found, lang), "note"),
        *_picture(pictures, "reach", lang),
    ]
    for variant in found.variants:
        parts += _picture(pictures, f"map_{variant.key}", lang)
    parts += _gain(found, lang, pictures)
    parts += _townships(found, lang)
    parts += _robustness(found, lang)
    parts += [Heading(text(lang, "siting_head_advice")), Lines(tuple(advice(found, lang)), numbered=True)]
    parts += [Heading(text(lang, "siting_head_limits")),
              Lines(tuple(text(lang, f"siting_limit_{k}") for k in range(1, 5)))]  # fmt: skip
    parts += [Heading(text(lang, "siting_head_sources")), Lines(_sources(found, lang))]
    return write_word(path, parts, title=title, created=created, footer=title)


def _sources(found: Comparison, lang: str) -> tuple[str, ...]:
    network = found.ground.network
    words = (*found.ground.county.sources, network.source, network.attribution)
    return tuple(source_text(word, lang) for word in words if word)


def findings(found: Comparison, lang: str) -> list[str]:
    """What a leader reads: how things are, what the best layout brings, what remains."""
    now, best = found.variants[0].measures, found.variants[-1].measures
    within = f"{found.wish.within_min:g}"
    lines = [
        text(lang, "siting_find_now", points=len(now.sites), minutes=within, people=f"{now.people_covered:,.0f}",
             share=f"{now.people_covered / now.people:.1%}" if now.people else "0", worst=now.worst_place,
             worst_min=f"{now.worst_min:.0f}", mean=f"{now.mean_min:.1f}"),
        text(lang, "siting_find_admin", have=now.townships_with_point, all=now.townships),
    ]  # fmt: skip
    if not len(best.sites):
        return [*lines, text(lang, "siting_no_layout")]
    proposed = found.variant("proposed")
    if proposed is not None:
        m = proposed.measures
        lines.append(text(lang, "siting_find_proposed", points=len(m.sites), people=f"{m.people_covered:,.0f}",
                          more=f"{m.people_covered - now.people_covered:+,.0f}", mean=f"{m.mean_min:.1f}"))  # fmt: skip
        new_points = len(m.sites) - (len(now.sites) if found.wish.existing == "keep" else 0)
        same = found.curve[(found.curve["points"] == new_points) & (found.curve["status"] == "optimal")]
        if len(same):
            key = "siting_find_same" if found.robust == "none" else "siting_find_same_robust"
            lines.append(text(lang, key, points=new_points,
                              people=f"{same['people_covered'].iloc[0]:,.0f}",
                              mean=f"{same['mean_min'].iloc[0]:.1f}"))  # fmt: skip
    new = [str(found.ground.candidates["name"].iloc[int(j)]) for j in best.sites
           if not found.ground.candidates["existing"].iloc[int(j)]]  # fmt: skip
    lines.append(
        text(
            lang,
            "siting_find_best",
            points=len(best.sites),
            people=f"{best.people_covered:,.0f}",
            more=f"{best.people_covered - now.people_covered:+,.0f}",
            mean=f"{best.mean_min:.1f}",
            worst=best.worst_place,
            worst_min=f"{best.worst_min:.0f}",
            cost=f"{best.cost / 10_000:,.0f}",
        )
    )
    if new:
        lines.append(text(lang, "siting_find_new", names=sequence_text(new, lang)))
    outside = [str(found.ground.clients["name"].iloc[int(i)]) for i in found.fewest.unreached]
    if outside:
        lines.append(text(lang, "siting_find_outside", minutes=within, count=len(outside),
                          names=sequence_text(outside, lang)))  # fmt: skip
    if found.robust == "bridges" and not found.cuts:
        lines.append(text(lang, "siting_no_bridges"))
    if found.never:
        lines.append(text(lang, "siting_find_never", count=len(found.never), names=sequence_text(found.never, lang)))
    if found.fewest.status == "optimal":
        lines.append(
            text(lang, f"siting_find_fewest_{found.wish.existing}", count=f"{found.fewest.value:.0f}", minutes=within)
        )
    return lines


def advice(found: Comparison, lang: str) -> list[str]:
    """Advice that follows from the numbers, each with its number."""
    now, best = found.variants[0].measures, found.variants[-1].measures
    curve = found.curve[found.curve["status"] == "optimal"]
    lines = []
    gains = curve[curve["gain"] > 0]
    if len(gains):
        last, covered = int(gains["points"].iloc[-1]), float(gains["people_covered"].iloc[-1])
        out_of_reach = float(found.ground.people[found.fewest.unreached].sum())
        key = "siting_advice_go_on"
        if covered >= now.people - out_of_reach - 0.5:
            key = "siting_advice_stop"
        elif int(curve["points"].max()) > last:
            key = "siting_advice_pause"
        lines.append(text(lang, key, points=last, people=f"{covered:,.0f}", most=int(curve["points"].max())))
    else:
        lines.append(text(lang, "siting_advice_none", minutes=f"{found.wish.within_min:g}"))
    if now.townships_with_point < now.townships:
        bare = list(now.by_township.loc[~now.by_township["has_point"].astype(bool), "name"])
        lines.append(text(lang, "siting_advice_townships", names=sequence_text(bare, lang)))
    if found.cuts and len(best.bridges):
        off = best.bridges[best.bridges["places_cut_off"] > 0]
        if len(off):
            first = off.iloc[0]
            lines.append(
                text(
                    lang,
                    "siting_advice_bridge",
                    count=len(off),
                    road=first["bridge"],
                    places=int(first["places_cut_off"]),
                    people=f"{first['people_cut_off']:,.0f}",
                )
            )
    if len(found.fewest.unreached):
        lines.append(text(lang, "siting_advice_outside", count=len(found.fewest.unreached)))
    lines.append(text(lang, "siting_advice_check"))
    return lines


def _method(found: Comparison, lang: str) -> list[Part]:
    ground = found.ground
    rules = siting_rules()
    return [
        Heading(text(lang, "siting_head_method")),
        Paragraph(text(lang, "siting_method_time", vehicle=_vehicle(ground.vehicle_class, lang),
                       places=len(ground.clients),
                       people=f"{ground.people.sum():,.0f}", candidates=len(ground.candidates),
                       existing=len(ground.existing))),
        Paragraph(text(lang, f"siting_method_{found.wish.objective}", minutes=f"{found.wish.within_min:g}")),
        Paragraph(text(lang, f"siting_method_robust_{found.robust}", bridges=len(found.cuts))),
        Paragraph(text(lang, f"siting_method_{found.wish.existing}", points=found.wish.points)),
        Paragraph(text(lang, "siting_method_rules", away=f"{rules['unreached_counts']:g}",
                       cost=f"{rules['opening_cost'] / 10_000:g}"), "note"),
        *([Paragraph(text(lang, "siting_method_people", count=ground.assumed_people), "note")]
          if ground.assumed_people else []),
        *([Paragraph(text(lang, "siting_method_unplaced", count=len(ground.unplaced),
                          names=sequence_text(ground.unplaced, lang)), "note")] if ground.unplaced else []),
    ]  # fmt: skip


def _vehicle(name: str, lang: str) -> str:
    """A vehicle class in words (norm table ``vehicle_profiles``)."""
    row = next((row for row in read_norm("vehicle_profiles") if row["vehicle_class"] == name), None)
    return name if row is None else str(row[f"name_{lang}"])


def _picture(pictures: dict[str, bytes], name: str, lang: str) -> list[Part]:
    return [Picture(pictures[name], text(lang, f"siting_figure_{name}"))] if name in pictures else []


def _gain(found: Comparison, lang: str, pictures: dict[str, bytes]) -> list[Part]:
    names = ("points", "people_covered", "gain", "mean_min", "worst_min", "cost", "value", "bound", "status", "added")
    digits = 0 if found.wish.objective == "cover" else 2
    rows = [
        [row["points"], f"{row['people_covered']:,.0f}", f"{row['gain']:+,.0f}" if row["gain"] == row["gain"] else "",
         f"{row['mean_min']:.2f}", f"{row['worst_min']:.1f}", f"{row['cost'] / 10_000:,.0f}",
         f"{row['value']:,.{digits}f}",
         f"{row['bound']:,.{digits}f}", text(lang, f"siting_status_{row['status']}"),
         listed(row["added"].replace("（虚拟）", ""), lang)]
        for row in found.curve.to_dict("records")
    ]  # fmt: skip
    return [
        Heading(text(lang, "siting_head_gain")),
        Paragraph(text(lang, "siting_curve_note")),
        *([] if found.robust == "none" else [Paragraph(text(lang, "siting_curve_note_robust"))]),
        *_picture(pictures, "curve", lang),
        WordTable(tuple(text(lang, f"siting_short_{name}") for name in names), rows,
                  widths=(0.6, 1.1, 0.9, 0.8, 0.8, 0.8, 1.1, 1.1, 1.1, 2.4), numbers=tuple(range(8))),
    ]  # fmt: skip


def _townships(found: Comparison, lang: str) -> list[Part]:
    now, best = found.variants[0].measures.by_township, found.variants[-1].measures.by_township
    header = tuple(text(lang, f"siting_town_{key}") for key in ("name", "people", "points", "share", "points_best",
                                                               "share_best", "worst"))  # fmt: skip
    rows = [
        [a["name"], f"{a['people']:,.0f}", a["points"] or text(lang, "siting_none"), f"{a['share_within']:.1%}",
         b["points"] or text(lang, "siting_none"), f"{b['share_within']:.1%}", f"{b['worst_min']:.1f}"]
        for a, b in zip(now.to_dict("records"), best.to_dict("records"), strict=True)
    ]  # fmt: skip
    return [
        Heading(text(lang, "siting_head_townships")),
        Paragraph(text(lang, "siting_townships_note", minutes=f"{found.wish.within_min:g}")),
        WordTable(header, rows, widths=(1.4, 1, 1, 1.2, 1, 1.2, 1.2), numbers=(1, 2, 3, 4, 5, 6)),
    ]


def _robustness(found: Comparison, lang: str) -> list[Part]:
    parts: list[Part] = [Heading(text(lang, "siting_head_robust"))]
    if not found.cuts:
        return [*parts, Paragraph(text(lang, "siting_no_bridges"))]
    parts.append(Paragraph(text(lang, "siting_robust_note", count=len(found.cuts))))
    header = tuple(text(lang, f"siting_col_{name}") for name in ("bridge", "places_cut_off", "people_cut_off",
                                                                "people_late", "names"))  # fmt: skip
    for variant in (found.variants[0], found.variants[-1]):
        table = variant.measures.bridges
        shown = [
            [row["bridge"] or f"{row['lon']:.4f}, {row['lat']:.4f}", row["places_cut_off"],
             f"{row['people_cut_off']:,.0f}", f"{row['people_late']:,.0f}", listed(row["names"], lang)]
            for row in table.head(_MOST_ROWS).to_dict("records")
        ]  # fmt: skip
        parts += [
            Heading(text(lang, f"siting_{variant.key}"), 2),
            WordTable(header, shown, widths=(1.8, 0.8, 0.9, 0.9, 3.0), numbers=(1, 2, 3)),
        ]
        if len(table) > _MOST_ROWS:
            parts.append(Paragraph(text(lang, "siting_rows_cut", shown=_MOST_ROWS, count=len(table)), "note"))
    return parts
