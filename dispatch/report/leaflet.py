"""Leaflet (BSD-2-Clause) from the installed package ``django-js-lib-leaflet``, ready to stand inside one HTML file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.resources import files

__all__ = ["Leaflet", "read_leaflet"]


@dataclass(frozen=True)
class Leaflet:
    """Script and style without references to other files; licence text, which must go with every copy."""

    version: str
    script: str
    style: str
    license: str


def read_leaflet() -> Leaflet:
    """Read Leaflet's files.

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed.
    """
    static = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    script = (static / "leaflet.js").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", script).strip()
    style = (static / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"[\w-]+:\s*url\([^)]*\);?", "", style)  # pictures of controls that the page does not use
    package = distribution("django-js-lib-leaflet")
    written = next(file for file in package.files or () if file.name == "LICENSE")
    found = re.search(r"Leaflet ([\d.]+)", script)
    version = found.group(1) if found else package.version
    return Leaflet(version, script, style, written.read_text(encoding="utf-8").strip())
