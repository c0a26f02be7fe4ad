"""The command line: parse, call, print; no logic. Commands load their libraries when they run."""

from __future__ import annotations

from dispatch.cli.main import main

__all__ = ["main"]
