"""The dispatch of a mixed fleet from depots with docks, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.dispatch_ways import Ways

__all__ = ["DispatchInstance", "Dispatched"]


class DispatchInstance(NamedTuple):
    """Arrays of one problem; times in integer ms.

    Attributes
    ----------
    vehicle_class, vehicle_site, vehicle_ready : int64 arrays (v,)
    vehicle_kg, vehicle_m3 : float64 arrays (v,)
    depot_site, depot_open : int64 arrays (d,)
    dock_first : int64 array (d + 1,)
        Docks of depot ``i`` are ``dock_first[i] … dock_first[i + 1] - 1``.
    goods_site, goods_release : int64 arrays (c,)
    goods_kg, goods_m3 : float64 arrays (c,)
    goods_items : int64 array (c, i)
        Quantity of each item.
    goods_depots : bool array (c, d)
        Where a consignment may be loaded.
    stock : int64 array (d, i)
    released : int64 array (d, i)
        Row of the table of releases for stock that is not all there when its depot opens; -1 for other stock.
    release_first : int64 array (r + 1,)
    release_ms : int64 array
        Entry ``release_first[r] + k``: when ``(k + 1) * release_unit[r]`` units are there, or all.
    release_unit : int64 array (r,)
    release_taken : int64 array (n, 3)
        (row, time, quantity) of what is reserved already.
    task_first : int64 array (c + 1,)
        Tasks that consignment ``k`` serves are ``task[task_first[k] : task_first[k + 1]]``.
    task : int64 array
    people, weight : float64 arrays (t,)
    first_batch, reachable, hopeless : bool arrays (t,)
        ``hopeless``: never complete, whatever is sent.
    ways : Ways
        Driving between sites.
    way_km : float64 array (class, origin, destination)
        Length of the usual ways.
    dock_busy, site_busy : int64 arrays (n, 3)
        (dock or site, start, end) of what is booked already.
    loading_ms, unloading_ms, convoy_ms : int
    reference_kg, reference_m3, floor : float
        A part load takes the larger share of kg and m³, at least ``floor``, of a step's time.
    drive_limit_ms, drive_rest_ms : int
    order_ms, due_ms, end_ms : int
    complete_before : int64 array (t,)
        Tasks are complete no earlier than that, whatever is done here (``-NEVER``: nothing else counts).
    t_all_before : int
        The last first batch is complete no earlier than so long after the order.
    """

    vehicle_class: NDArray[np.int64]
    vehicle_site: NDArray[np.int64]
    vehicle_ready: NDArray[np.int64]
    vehicle_kg: NDArray[np.float64]
    vehicle_m3: NDArray[np.float64]
    depot_site: NDArray[np.int64]
    depot_open: NDArray[np.int64]
    dock_first: NDArray[np.int64]
    goods_site: NDArray[np.int64]
    goods_release: NDArray[np.int64]
    goods_kg: NDArray[np.float64]
    goods_m3: NDArray[np.float64]
    goods_items: NDArray[np.int64]
    goods_depots: NDArray[np.bool_]
    stock: NDArray[np.int64]
    released: NDArray[np.int64]
    release_first: NDArray[np.int64]
    release_ms: NDArray[np.int64]
    release_unit: NDArray[np.int64]
    release_taken: NDArray[np.int64]
    task_first: NDArray[np.int64]
    task: NDArray[np.int64]
    people: NDArray[np.float64]
    weight: NDArray[np.float64]
    first_batch: NDArray[np.bool_]
    reachable: NDArray[np.bool_]
    hopeless: NDArray[np.bool_]
    ways: Ways
    way_km: NDArray[np.float64]
    dock_busy: NDArray[np.int64]
    site_busy: NDArray[np.int64]
    loading_ms: int
    unloading_ms: int
    convoy_ms: int
    reference_kg: float
    reference_m3: float
    floor: float
    drive_limit_ms: int
    drive_rest_ms: int
    order_ms: int
    due_ms: int
    end_ms: int
    complete_before: NDArray[np.int64]
    t_all_before: int


class Dispatched(NamedTuple):
    """A way to dispatch consignments.

    Attributes
    ----------
    order : int64 array (c,)
        Consignments in order of dispatch.
    vehicle, depot : int64 arrays (c,)
        By consignment.
    join : bool array (c,)
        Whether a consignment goes with the load of its vehicle before it, if depot and size allow.
    """

    order: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    depot: NDArray[np.int64]
    join: NDArray[np.bool_]
