"""Putting fire out: whether a crew contains it, and whether a break holds.

Containment by the logistic model of Hirsch, Corey and Martell (1998, Forest Science 44:539); breaks by the logistic
model of Wilson (1988, Can. J. For. Res. 18:682). The coefficients are given, not built in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Logistic", "breach_probability", "containment_probability"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Logistic:
    """Coefficients of a logistic response ``1 / (1 + exp(-(constant + Σ slope · x)))``.

    Attributes
    ----------
    constant : float
    intensity : float
        Per kW/m of fireline intensity.
    size : float
        Per ha of fire (containment) or per m of width (breach).
    trees : float
        Per m of width, in place of ``size``, where trees stand within 20 m of the break, which throw brands over it;
        0 for containment.
    """

    constant: float
    intensity: float
    size: float
    trees: float = 0.0


def containment_probability(model: Logistic, area_ha: Floats, intensity_kw_m: Floats) -> Floats:
    """Probability that initial attack by the model's crew contains a fire of a size and head intensity."""
    return _response(model.constant + model.size * area_ha + model.intensity * intensity_kw_m)


def breach_probability(model: Logistic, width_m: Floats, intensity_kw_m: Floats, trees: NDArray[np.bool_]) -> Floats:
    """Probability that a fire of an intensity crosses a bare break of a width; trees near it throw brands over."""
    per_m = np.where(trees, model.trees, model.size)
    return _response(model.constant + per_m * width_m + model.intensity * intensity_kw_m)


def _response(x: Floats) -> Floats:
    response: Floats = 1.0 / (1.0 + np.exp(-x))
    return response
