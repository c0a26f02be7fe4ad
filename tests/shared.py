"""Where the shared test material lies: beside the repository, or where RELIEF_DISPATCH_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("RELIEF_DISPATCH_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared_path(relative: str) -> Path:
    """Return a file or folder of the shared material; skip the test, saying why, where it is absent."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"needs the shared test material ({relative}), which is not beside this checkout")
    return path
