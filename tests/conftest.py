"""One hypothesis profile for all tests: first calls compile, so no example has a deadline; the order among workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

_MODELS = Path(__file__).parent / "models"

settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hand out the files with slow tests early, so that no worker is left alone with one at the end.

    The tests of models come between the first of them: one worker compiles their kernels, another those of the county.
    """
    if not hasattr(config, "workerinput"):
        return
    slow_tests = Counter(item.path for item in items if item.get_closest_marker("slow"))
    slow = sorted(slow_tests, key=lambda path: -slow_tests[path])
    models = [path for path in dict.fromkeys(item.path for item in items) if _MODELS in path.parents]
    order = [*slow[:1], *models[:1], *slow[1:2], *models[1:], *slow[2:]]
    place = {path: number for number, path in reversed(list(enumerate(order)))}
    items.sort(key=lambda item: place.get(item.path, len(order)))
