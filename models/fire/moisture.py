"""Moisture of fine dead fuel from the air's temperature and humidity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["equilibrium_moisture", "vapour_pressure_deficit_hpa"]

Floats = NDArray[np.float64]


def equilibrium_moisture(temperature_c: Floats, humidity_pct: Floats) -> Floats:
    """Equilibrium moisture content of wood (Simard 1968, FF-X-14), fraction of dry mass, at least 0.01."""
    t, h = np.asarray(temperature_c) * 1.8 + 32.0, np.asarray(humidity_pct)
    dry = 0.03229 + 0.281073 * h - 0.000578 * h * t
    middle = 2.22749 + 0.160107 * h - 0.014784 * t
    damp = 21.0606 + 0.005565 * h**2 - 0.00035 * h * t - 0.483199 * h
    percent = np.where(h < 10.0, dry, np.where(h < 50.0, middle, damp))
    content: Floats = np.maximum(percent, 1.0) / 100.0
    return content


def vapour_pressure_deficit_hpa(temperature_c: Floats, humidity_pct: Floats) -> Floats:
    """How much more vapour the air could hold, hPa (Magnus form with 6.11, 7.5 and 237.3)."""
    full = 6.11 * 10.0 ** (7.5 * temperature_c / (237.3 + temperature_c))
    deficit: Floats = full * (1.0 - humidity_pct / 100.0)
    return deficit
