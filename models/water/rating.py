"""How high a reach stands at a flow: rating curves from heights above drainage, uniform flow by Manning's formula.

Synthetic rating curves after Zheng et al. (2018, J. Am. Water Resour. Assoc. 54:770-784): over the cells that drain to
a reach, volume V and wetted bed B at a stage give the mean section A = V / L and hydraulic radius R = V / B, and
Q = A R^(2/3) S^(1/2) / n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ratings", "ratings"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Rating curves of reaches.

    Attributes
    ----------
    stage_m : float64 array (s,)
        Ascending from 0.
    flow_m3_s, section_m2, top_m : float64 arrays (reaches, s)
        Flow, wetted section and width of the surface at each stage; flow and section never fall.
    """

    stage_m: Floats
    flow_m3_s: Floats
    section_m2: Floats
    top_m: Floats

    def stage_at(self, flow_m3_s: Floats) -> Floats:
        """Stage of each reach at each of its flows, m; linear between the curve's points, its last stage beyond.

        Parameters
        ----------
        flow_m3_s : float64 array (reaches, times)
        """
        stages = [np.interp(q, curve, self.stage_m) for q, curve in zip(flow_m3_s, self.flow_m3_s, strict=True)]
        return np.array(stages).reshape(np.shape(flow_m3_s))

    def at(self, reach: int, flow_m3_s: float) -> tuple[float, float]:
        """Celerity dQ/dA (m/s) and top width (m) of a reach at a flow."""
        curve, section = self.flow_m3_s[reach], self.section_m2[reach]
        k = int(np.clip(np.searchsorted(curve, flow_m3_s), 1, len(curve) - 1))
        celerity = (curve[k] - curve[k - 1]) / max(section[k] - section[k - 1], 1e-9)
        return float(celerity), float(np.interp(flow_m3_s, curve, self.top_m[reach]))


def ratings(
    reach: Ints,
    height_m: Floats,
    cell_m2: float,
    slope: Floats,
    length_m: Floats,
    reach_slope: Floats,
    manning: Floats,
    stage_m: Floats,
) -> Ratings:
    """Rating curves of all reaches.

    Parameters
    ----------
    reach : int64 array (cells,)
        Reach that each cell drains to; -1 = none.
    height_m : float64 array (cells,)
        Height above that drainage.
    cell_m2 : float
    slope : float64 array (cells,)
        Of the ground, rise over run.
    length_m, reach_slope, manning : float64 arrays (reaches,)
        Length and fall of the reach, roughness.
    stage_m : float64 array (s,)
        Ascending from 0.
    """
    count = len(length_m)
    low = (reach >= 0) & (height_m < stage_m[-1])
    of, above, bed = reach[low], height_m[low], cell_m2 * np.sqrt(1.0 + slope[low] ** 2)
    section, flow, top = (np.zeros((count, len(stage_m))) for _ in range(3))
    for k, stage in enumerate(stage_m):
        depth = np.maximum(stage - above, 0.0)
        wet = depth > 0
        volume = np.bincount(of, weights=depth * cell_m2, minlength=count)
        wetted = np.bincount(of[wet], weights=bed[wet], minlength=count)
        section[:, k] = volume / length_m
        radius = volume / np.where(wetted > 0, wetted, 1.0)
        flow[:, k] = section[:, k] * radius ** (2 / 3) * np.sqrt(reach_slope) / manning
        top[:, k] = np.bincount(of[wet], minlength=count) * cell_m2 / length_m
    # where the valley widens suddenly the mean radius drops: the curve is held until it rises again
    return Ratings(stage_m, np.maximum.accumulate(flow, axis=1), section, top)
