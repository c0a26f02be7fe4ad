"""The event log: one flat table from which every indicator, chart, inject and review is computed."""

from __future__ import annotations

import pandas as pd

__all__ = ["EVENTS", "LOG_COLUMNS", "LOG_VERSION"]

LOG_VERSION = 1
"""Raised when a column or the meaning of one changes."""

LOG_COLUMNS: dict[str, str] = {
    "replication": "int32",
    "event_id": "int32",
    "time_s": "float64",
    "event": "str",
    "actor": "str",
    "actor_kind": "str",
    "place": "str",
    "edge": "str",
    "item": "str",
    "lot": "str",
    "quantity": "float64",
    "cause": "int32",
    "detail": "str",
    "trip": "str",
    "path_id": "str",
    "from": "str",
    "to": "str",
    "medium": "str",
    "role": "str",
    "unit": "str",
    "milestone": "str",
}
"""Columns, fixed. ``time_s``: seconds from the reference instant, exact to the millisecond; ``place``: site or place
id; ``cause``: ``event_id`` (same replication) of what led to it, -1 for none; ``milestone``: a key equal across nights
(``trip T3 stop 2 unloaded``); "" or NaN where a column does not apply."""

EVENTS: dict[str, tuple[str, str]] = {
    "order_received": ("接到调拨指令", "allocation order received"),
    "demand_reported": ("上报需求", "demand reported"),
    "depot_open": ("开库到岗", "depot staffed"),
    "vehicle_ready": ("车辆就位", "vehicle ready"),
    "leave": ("出发", "vehicle sets out"),
    "arrive_depot": ("到达储备库", "arrived at depot"),
    "dock_wait": ("等待装车口", "waiting for a dock"),
    "load_start": ("开始装车", "loading starts"),
    "load_end": ("装车完毕", "loading ends"),
    "stock_issued": ("出库", "stock issued"),
    "depart": ("发车", "departed loaded"),
    "edge_closed": ("道路中断", "road closed"),
    "edge_reopened": ("道路恢复", "road reopened"),
    "closure_met": ("途中遇阻", "closure met on the way"),
    "turn_round": ("掉头", "turned round"),
    "reroute": ("改道", "took another road"),
    "wait": ("原地等待", "waits for the road"),
    "stranded": ("受困", "stranded"),
    "rest": ("停车休息", "driver rests"),
    "arrive": ("到达", "arrived at stop"),
    "unload_start": ("开始卸车", "unloading starts"),
    "unload_end": ("卸车签收", "unloaded and signed"),
    "delivered": ("交付", "delivered"),
    "first_batch_complete": ("首批到位", "first batch complete"),
    "need_complete": ("需求满足", "need complete"),
    "return": ("返回", "sets out on return"),
    "returned": ("返回到位", "returned"),
    "cut_off": ("时限内无路可通", "no open road by the deadline"),
    "supply_ready": ("协议物资开始供货", "agreed supply begins"),
    "supply_failed": ("协议供货落空", "agreed supply failed"),
    "stock_wait": ("等待备货", "waits for stock"),
    "lot_substituted": ("改发其他批次", "another lot issued instead"),
    "stock_short": ("库存不足", "stock short"),
    "stock_returned": ("退库", "handed back to the store"),
    "go_on": ("继续行驶", "drives on"),
    "unload_wait": ("等待卸车", "waits to unload"),
    "stop_skipped": ("跳过停靠点", "stop left out"),
    "trip_done": ("车次完成", "trip done"),
    "trip_cancelled": ("车次取消", "trip given up"),
    "trip_unfinished": ("车次未完成", "trip not finished at the end"),
    "load_stranded": ("物资受困", "load stranded"),
    "load_under_way": ("物资在途", "load still under way at the end"),
    "need_unmet": ("需求未满足", "need not met at the end"),
    "late": ("首批超时", "first batch late"),
    "hazard_detected": ("发现险情", "hazard detected"),
    "disaster_reported": ("灾情首报", "disaster reported"),
    "need_verified": ("需求核定", "need verified"),
    "order_approved": ("批准调拨", "order approved"),
    "warning_issued": ("发布预警", "warning issued"),
    "call_answered": ("叫应成功", "call answered"),
    "call_escalated": ("叫应升级", "call not answered, somebody sent"),
    "households_warned": ("住户已知晓", "households warned"),
    "order_passed": ("指令传到", "order passed on"),
    "place_silent": ("失联", "place silent"),
    "closure_reported": ("上报阻断", "closure reported"),
    "news_received": ("指挥部获知", "headquarters informed"),
    "decision_starts": ("指挥员研判", "commander decides"),
    "orders_given": ("下达新指令", "new orders given"),
    "breakdown": ("车辆故障", "vehicle breaks down"),
    "repaired": ("修复", "vehicle repaired"),
    "vehicle_lost": ("车辆拖离", "vehicle towed away"),
    "refuel": ("加油", "refuelling"),
    "refuelled": ("加油完毕", "refuelled"),
    "road_end": ("到达断路处", "at the road's end"),
    "porters_take": ("接力转运", "porters take over"),
    "carried_in": ("人力运抵", "carried in"),
    "handed_out": ("发放到户", "handed out to households"),
    "team_ready": ("队伍就位", "team ready"),
    "team_sets_out": ("队伍出动", "team sets out"),
    "task_posted": ("下达任务", "task given"),
    "task_dropped": ("任务取消", "task dropped"),
    "clearing_starts": ("开始抢通", "clearing starts"),
    "road_cleared": ("道路抢通", "road cleared"),
    "end": ("推演结束", "end of the run"),
}
"""Closed vocabulary: event → (Chinese, English)."""


def empty_log() -> pd.DataFrame:
    """Return an empty log."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in LOG_COLUMNS.items()})
