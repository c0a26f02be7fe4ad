"""The printed papers of a plan: allocation orders (物资调拨单), issue slips (出库单) and receipts (签收回执).

One form is one page. Its lines are a table that is compared with the plan when a workbook is read back; what is filled
in by hand (issued, received, loss, signatures) is left blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.documents.workbook import Form, FormSheet
from dispatch.planning.plan_pages import Page, as_cells, column, page
from dispatch.planning.plan_rows import encode
from dispatch.planning.plan_view import PlanView

__all__ = ["FormPage", "form_pages", "form_sheet"]


@dataclass(frozen=True, eq=False)
class FormPage:
    """Forms of one kind: their lines as a page, and per form the column value that names it.

    Attributes
    ----------
    lines : Page
        All forms' lines; the first key is the column that names the form and is not one of the form's own columns.
    shown : tuple of str
        Columns of a form.
    fields : mapping of form name to (message key, value) pairs
        What stands above the lines, besides the form's own name.
    synthetic : set of str
        Forms that must carry the mark "synthetic data".
    """

    lines: Page
    shown: tuple[str, ...]
    fields: Mapping[str, Sequence[tuple[str, Any]]]
    synthetic: frozenset[str]

    @property
    def name_column(self) -> str:
        """Column that names a form."""
        return self.lines.keys[0]


def form_pages(view: PlanView, *, contacts: bool = False) -> list[FormPage]:
    """Orders, issue slips and receipts of a plan; names and telephone numbers only when asked for."""
    lines = view.orders.to_dict("records")
    for line in lines:
        line |= {
            "item_name": view.item(line["item"]),
            "spec": view.spec(line["item"]),
            "unit": view.unit(line["item"]),
            "site_name": view.site(line["site"]),
            "depot_name": view.site(line["depot"]),
            "slip": f"{line['order'][:8]}-{line['depot']}-{line['trip']}",
            "receipt": f"{line['order']}-{line['trip']}",
        }
    return [
        _orders(view, lines, _Contacts(view, asked=contacts)),
        _slips(view, lines),
        _receipts(view, lines),
    ]


def form_sheet(view: PlanView, forms: FormPage) -> FormSheet:
    """Forms as the workbook prints them."""
    name = forms.lines.name
    columns = tuple(column(view.lang, c) for c in forms.shown)
    county = view.scenario.county
    heading = view.say(f"plan_form_{name}", county=county.name_zh if view.lang == "zh" else county.name_en)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    cells = as_cells(forms.lines.rows[list(forms.shown)])
    for form, line in zip(forms.lines.rows[forms.name_column], cells.itertuples(index=False, name=None), strict=True):
        rows.setdefault(form, []).append(line)
    made = [
        Form(
            title=heading,
            fields=(
                (view.say(f"plan_col_{forms.name_column}"), encode(form)),
                *((view.say(key), encode(value) if isinstance(value, str) else value) for key, value in fields),
            ),
            columns=columns,
            rows=rows[form],
            closing=tuple(view.say(f"plan_closing_{name}").split("\n")),
            mark=view.say("common_synthetic") if form in forms.synthetic else "",
        )
        for form, fields in forms.fields.items()
    ]
    return FormSheet(view.say(f"plan_sheet_{name}"), tuple(made), view.say("documents_page_empty"))


class _Contacts:
    """Who to call at a depot or receiving unit; blank unless asked for."""

    def __init__(self, view: PlanView, *, asked: bool) -> None:
        self._rows = view.scenario.county.table("contacts").to_dict("records") if asked else []

    def at(self, of: str) -> str:
        return "; ".join(
            " ".join(part for part in (row["name"], row["phone"]) if part)
            for row in self._rows
            if of and of in (row["depot"], row["place"])
        )


def _numbered(lines: Sequence[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    """Lines in the order of their forms, numbered 1, 2 … within each."""
    count: dict[str, int] = {}
    first = {line[form]: i for i, line in reversed(list(enumerate(lines)))}
    made = []
    for line in sorted(lines, key=lambda line: first[line[form]]):
        count[line[form]] = count.get(line[form], 0) + 1
        made.append({**line, "no": count[line[form]]})
    return made


def _synthetic(lines: Sequence[dict[str, Any]], form: str) -> frozenset[str]:
    return frozenset(line[form] for line in lines if line["synthetic"])


def _joined(values: Sequence[str]) -> str:
    """Values apart by ``;``, each once."""
    return ";".join(dict.fromkeys(part for value in values for part in value.split(";") if part))


def _orders(view: PlanView, lines: list[dict[str, Any]], contacts: _Contacts) -> FormPage:
    shown = ("no", "item_name", "spec", "unit", "quantity", "lot", "expiry", "trip", "vehicle", "plate", "reports")
    table = page("orders", ("order", *shown), _numbered(lines, "order"), ("order", "trip", "item_name", "lot"))
    fields: dict[str, list[tuple[str, Any]]] = {}
    for order, of in _by(lines, "order").items():
        head = of[0]
        depot = view.depots.get((head["depot"],), {})
        due = view.scenario.order_ms + view.scenario.tier_deadline_ms.get(
            str(depot.get("tier", "")), view.scenario.deadline_ms
        )
        place = view.scenario.sites["place"].get(head["site"], "")
        fields[order] = [
            ("plan_order_basis", _joined([line["reports"] for line in of])),
            ("plan_order_phone", view.clock(head["ordered_ms"])),
            ("plan_order_due", view.clock(due)),
            ("plan_order_issuing", head["depot_name"]),
            ("plan_order_receiving", head["site_name"]),
            ("plan_order_owner", str(depot.get("owner", ""))),
            ("plan_order_first", view.clock(min(line["arrive_ms"] for line in of))),
            ("plan_order_sender", contacts.at(head["depot"])),
            ("plan_order_receiver", contacts.at(head["site"]) or contacts.at(place)),
        ]
    return FormPage(table, shown, fields, _synthetic(lines, "order"))


def _slips(view: PlanView, lines: list[dict[str, Any]]) -> FormPage:
    shown = ("no", "item_name", "spec", "unit", "quantity", "issued", "lot", "expiry", "site_name", "order")
    table = page(
        "slips", ("slip", *shown), _numbered(lines, "slip"), ("slip", "order", "item_name", "lot"), by_hand=("issued",)
    )
    fields: dict[str, list[tuple[str, Any]]] = {}
    for slip, of in _by(lines, "slip").items():
        trip = view.trips.get((of[0]["trip"],), {})
        fields[slip] = [
            ("plan_order_issuing", of[0]["depot_name"]),
            ("plan_col_trip", of[0]["trip"]),
            ("plan_col_vehicle", of[0]["vehicle"]),
            ("plan_col_plate", of[0]["plate"]),
            ("plan_col_dock", trip.get("dock", "")),
            ("plan_col_load_start_clock", view.clock(trip.get("load_start_ms"))),
            ("plan_col_depart_clock", view.clock(trip.get("depart_ms"))),
        ]
    return FormPage(table, shown, fields, _synthetic(lines, "slip"))


def _receipts(view: PlanView, lines: list[dict[str, Any]]) -> FormPage:
    shown = ("no", "item_name", "spec", "unit", "lot", "quantity", "received", "loss", "remark")
    table = page(
        "receipts", ("receipt", *shown), _numbered(lines, "receipt"), ("receipt", "item_name", "lot"),
        by_hand=("received", "loss", "remark"),
    )  # fmt: skip
    fields: dict[str, list[tuple[str, Any]]] = {}
    for receipt, of in _by(lines, "receipt").items():
        fields[receipt] = [
            ("plan_col_order", of[0]["order"]),
            ("plan_order_receiving", of[0]["site_name"]),
            ("plan_order_issuing", of[0]["depot_name"]),
            ("plan_col_vehicle", of[0]["vehicle"]),
            ("plan_col_plate", of[0]["plate"]),
            ("plan_col_arrive_clock", view.clock(of[0]["arrive_ms"])),
        ]
    return FormPage(table, shown, fields, _synthetic(lines, "receipt"))


def _by(lines: Sequence[dict[str, Any]], form: str) -> dict[str, list[dict[str, Any]]]:
    result: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        result.setdefault(line[form], []).append(line)
    return result
