"""Tasks for the teams in the flash flood and in the forest fire. Fictional, as the disasters are."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.qinshui.authoring.sketch import Sketch
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows, table_text

__all__ = ["task_files"]


@dataclass(frozen=True)
class Task:
    """A task to be written.

    ``where`` is ``township/village``, the id of a facility or shelter, or a pair lon, lat; ``person_h`` the work,
    ``latest`` the scenario's time by which it must be done.
    """

    name: str
    kind: str
    where: str | tuple[float, float]
    person_h: float
    latest: str
    least: int | None = None
    most: int | None = None
    earliest: str = ""
    after: str = ""
    lives: int = 0
    priority: float = 1.0
    incident: str = ""
    patients: int = 0
    skills: str = ""
    note: str = ""


_FLOOD = (
    Task("郑庄沿河搜救", "search_rescue", "郑庄镇/郑庄村", 60, "+8:00", lives=45, priority=5, patients=2),
    Task("端氏沿河搜救", "search_rescue", "端氏镇/端氏村", 60, "+8:00", lives=60, priority=5, patients=3),
    Task("嘉峰沿河搜救", "search_rescue", "嘉峰镇/嘉峰村", 40, "+9:00", lives=30, priority=5),
    Task("横头村孤岛搜救", "search_rescue", "端氏镇/横头村", 20, "+10:00", lives=12, priority=4,
         note="河西桥冲毁后道路不通"),
    Task("必底桥方向侦察", "reconnaissance", "端氏镇/必底村", 6, "+8:00", priority=3),
    Task("板掌滑坡抢通", "road_clearing", (112.472777, 35.746957), 54, "+8:00", priority=3),
    Task("郎壁滑坡抢通", "road_clearing", (112.480008, 35.763717), 72, "+20:00", priority=2),
    Task("李家山滑坡抢通", "road_clearing", (112.610317, 35.662769), 54, "+12:00", priority=2),
    Task("郑庄安置点医疗", "medical", "郑庄镇/郑庄村", 24, "+14:00", lives=8, priority=2, after="TF-01"),
    Task("端氏镇区排涝", "pumping", "端氏镇/端氏村", 80, "+20:00", priority=1.5, after="TF-02"),
    Task("嘉峰堤防抢险", "engineering", "嘉峰镇/嘉峰村", 120, "+12:00", lives=120, priority=3),
    Task("湾则桥安全检查", "engineering", "郑庄镇/湾则村", 16, "+16:00", least=8),
    Task("郑庄安置点发放", "handout", "郑庄镇/郑庄村", 20, "+20:00", most=20, after="TF-01"),
    Task("端氏安置点发放", "handout", "端氏镇/端氏村", 24, "+20:00", most=20, after="TF-02"),
)  # fmt: skip
_FIRE = (
    Task("土沃村南侧隔离带", "fire_line", (112.1035, 35.5470), 30, "+4:00", lives=1521, priority=5,
         incident="土沃火场"),
    Task("西文兴村护村隔离带", "fire_line", "土沃乡/西文兴村", 15, "+3:00", lives=554, priority=5, incident="土沃火场"),
    Task("后马元村护村隔离带", "fire_line", "土沃乡/后马元村", 30, "+2:30", lives=458, priority=5,
         incident="后马元火场", note="火头两小时内到村，逾时不得进入"),
    Task("塘坪村西侧隔离带", "fire_line", (112.1285, 35.5565), 30, "+3:30", lives=418, priority=5,
         incident="塘坪火场"),
    Task("张河村西侧隔离带", "fire_line", "张村乡/张河村", 90, "+5:30", lives=300, priority=4, incident="塘坪火场"),
    Task("台亭村南侧控制线", "fire_line", "土沃乡/台亭村", 180, "+9:00", lives=315, priority=3, incident="土沃火场"),
    Task("塘坝取水接力供水", "pumping", "F-WP14", 16, "+4:00", priority=2),
    Task("西文兴村逐户清查", "search_rescue", "土沃乡/西文兴村", 10, "+3:00", lives=94, priority=5),
    Task("张河方向火情侦察", "reconnaissance", "张村乡/张河村", 4, "+4:00", priority=3),
    Task("杏则村机械开设隔离带", "engineering", "土沃乡/杏则村", 72, "+9:00", lives=506, priority=2, after="TW-09"),
    Task("南阳村医疗点", "medical", "土沃乡/南阳村", 16, "+8:00", lives=4, priority=3, patients=4),
    Task("南阳村安置点发放", "handout", "土沃乡/南阳村", 16, "+12:00", most=20, earliest="+3:00"),
    Task("土沃火场看守余火", "fire_line", "土沃乡/交口村", 240, "+23:00", earliest="+10:00", incident="土沃火场",
         after="TW-06"),
)  # fmt: skip


def task_files(county: Sketch) -> dict[str, str]:
    """Text of the tables of tasks by name."""
    return {"tasks_flood.csv": _text(county, "TF", _FLOOD), "tasks_fire.csv": _text(county, "TW", _FIRE)}


def _text(county: Sketch, prefix: str, tasks: tuple[Task, ...]) -> str:
    rows: Rows = []
    for number, task in enumerate(tasks, 1):
        rows.append({
            "task": f"{prefix}-{number:02d}", "name": task.name, "kind": task.kind, **_where(county, task.where),
            "skills": task.skills, "person_h": task.person_h, "least": task.least, "most": task.most,
            "earliest": task.earliest, "latest": task.latest, "after": task.after, "lives": task.lives,
            "priority": task.priority, "incident": task.incident, "patients": task.patients or None,
            "source": SYNTHETIC, "note": task.note,
        })  # fmt: skip
    return table_text("tasks", rows)


def _where(county: Sketch, where: str | tuple[float, float]) -> dict[str, object]:
    """Position of its own, or the place it is at."""
    if isinstance(where, tuple):
        return {"lon": where[0], "lat": where[1]}
    township, _, village = where.partition("/")
    return {"place": county.village(township, village).code if village else where}
