"""One hypothesis profile for all tests: first calls compile, so no example has a deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
