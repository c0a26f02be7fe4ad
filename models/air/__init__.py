"""Flying: what is lifted how high, until when it is light, bucket cycles, relays on station, sorties on the clock."""

from models.air.bucket import BucketLegs, BucketRun, best_bucket_run, bucket_run, nearest_water
from models.air.daylight import sun_utc_min
from models.air.lift import density_ratio, hover_gross_kg, two_way_speed
from models.air.relay import RelayChoice, choose_relays
from models.air.sorties import AirInstance, AirSchedule, schedule_sorties

__all__ = [
    "AirInstance",
    "AirSchedule",
    "BucketLegs",
    "BucketRun",
    "RelayChoice",
    "best_bucket_run",
    "bucket_run",
    "choose_relays",
    "density_ratio",
    "hover_gross_kg",
    "nearest_water",
    "schedule_sorties",
    "sun_utc_min",
    "two_way_speed",
]
