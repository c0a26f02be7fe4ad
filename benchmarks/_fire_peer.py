"""What pyretechnics needs for the fire benchmark's two tasks; run by a Python that has it, as ``python _fire_peer.py``.

Prints one JSON object: cells burnt per CPU second as head fires, and by spreading a fire from a point.
"""

from __future__ import annotations

import json
import sys
import time

SIDE = 150


def _cubes(shape: tuple[int, int, int], wind_km_h: float) -> dict[str, object]:
    from pyretechnics.space_time_cube import SpaceTimeCube  # type: ignore[import-not-found]

    constant = {
        "slope": 0.2, "aspect": 180.0, "fuel_model": 102, "canopy_cover": 0.0, "canopy_height": 0.0,
        "canopy_base_height": 0.0, "canopy_bulk_density": 0.0, "wind_speed_10m": wind_km_h, "upwind_direction": 270.0,
        "fuel_moisture_dead_1hr": 0.06, "fuel_moisture_dead_10hr": 0.08, "fuel_moisture_dead_100hr": 0.10,
        "fuel_moisture_live_herbaceous": 0.6, "fuel_moisture_live_woody": 0.9, "foliar_moisture": 1.2,
        "fuel_spread_adjustment": 1.0, "weather_spread_adjustment": 1.0,
    }  # fmt: skip
    return {name: SpaceTimeCube(shape, value) for name, value in constant.items()}


def _main() -> None:
    import pyretechnics.burn_cells as burn  # type: ignore[import-not-found]
    import pyretechnics.eulerian_level_set as front  # type: ignore[import-not-found]

    shape = (4, SIDE, SIDE)
    cubes = _cubes(shape, 15.0)
    start = time.process_time()
    burn.burn_all_cells_as_head_fire(cubes, 0)
    head = SIDE * SIDE / (time.process_time() - start)
    state = front.SpreadState(shape).ignite_cell((SIDE // 2, SIDE // 4))
    start = time.process_time()
    result = front.spread_fire_with_phi_field(cubes, state, (60, 30.0, 30.0), 0, 180)
    seconds = time.process_time() - start
    burnt = int((result["spread_state"].get_full_matrices()["fire_type"] > 0).sum())
    json.dump({"head": head, "spread": burnt / seconds, "burnt": burnt}, sys.stdout)


if __name__ == "__main__":
    _main()
