"""The day of the exercise, in exercise time: briefing, play in phases, hot wash."""

from __future__ import annotations

from dispatch.drill.model import Drill, Phase, Words

__all__ = ["timetable"]

_BEFORE: tuple[tuple[str, Words, int, int, Words], ...] = (
    (
        "check",
        Words("签到、校时、通信检查", "registration, setting watches, communications check"),
        -60,
        -30,
        Words(
            "各单位签到；全场校时；保底通信逐一测试；安全员巡查",
            "units sign in; one time for all; fallback means tested; safety round",
        ),
    ),
    (
        "briefing",
        Words("动员与安全交底", "briefing and safety"),
        -30,
        -5,
        Words("宣布规则、边界、停演口令和真实险情优先", "rules, limits, the stop word; a real emergency goes first"),
    ),
    (
        "ready",
        Words("就位", "stand by"),
        -5,
        0,
        Words("导调、评估、参演人员就位", "control, evaluators and players in place"),
    ),
)
"""Minutes before the start of play."""
_AFTER: tuple[tuple[str, Words, int, int, Words], ...] = (
    (
        "hot_wash",
        Words("现场点评", "hot wash"),
        5,
        35,
        Words("参演、评估分别发言，收集评估表", "players and evaluators speak; forms collected"),
    ),
    (
        "restore",
        Words("清点恢复", "restoring"),
        35,
        65,
        Words("清点人员装备物资，恢复备勤", "people, kit and goods counted; back to readiness"),
    ),
)
_PARTS: dict[str, Words] = {
    "first_handling": Words("第一部分 先期处置", "part 1: first handling"),
    "evacuation": Words("第二部分 转移避险", "part 2: evacuation"),
    "mutual_rescue": Words("第三部分 自救互救", "part 3: self- and mutual rescue"),
}
_STEPS: tuple[tuple[str, Words], ...] = (
    ("detected", Words("监测预警与接报", "detection and warning")),
    ("reported", Words("研判决策与调拨审批", "decision and allocation")),
    ("order", Words("物资调运与现场处置", "dispatch and work in the field")),
)
"""Phases of a county's play, each from the inject of that template on."""


def timetable(drill: Drill) -> tuple[Phase, ...]:
    """Timetable of a drill; the phases of play follow its injects."""
    end_s = drill.exercise_s(drill.end_ms)
    found = [Phase(key, name, low * 60.0, high * 60.0, text) for key, name, low, high, text in _BEFORE]
    begins = _begins(drill)
    for (key, name, begin), following in zip(begins, [*begins[1:], ("", Words("", ""), end_s)], strict=True):
        numbers = [
            inject.number
            for inject in drill.injects
            if begin <= drill.exercise_s(inject.time_ms)
            and (drill.exercise_s(inject.time_ms) < following[2] or following[0] == "")
        ]
        listed = f"{numbers[0]}–{numbers[-1]}" if numbers else "–"
        found.append(Phase(key, name, begin, following[2], Words(f"情景事件 {listed}", f"injects {listed}")))
    found += [Phase(key, name, end_s + low * 60.0, end_s + high * 60.0, text) for key, name, low, high, text in _AFTER]
    return tuple(found)


def _begins(drill: Drill) -> list[tuple[str, Words, float]]:
    """Phases of play with their begin, exercise seconds."""
    first: dict[str, float] = {}
    for inject in drill.injects:
        first.setdefault(inject.part or inject.template, drill.exercise_s(inject.time_ms))
    named = list(_PARTS.items()) if drill.level != "county" else list(_STEPS)
    begins = [(key, name, first[key]) for key, name in named if key in first]
    begins = [row for k, row in enumerate(begins) if k == 0 or row[2] > begins[k - 1][2]]
    if not begins:
        return [("play", Words("演练实施", "play"), 0.0)]
    return [(begins[0][0], begins[0][1], 0.0), *begins[1:]]
