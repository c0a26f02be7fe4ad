"""``dispatch bundle``: everything a computer without internet needs, in one folder."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import click

from dispatch.cli import filled
from dispatch.cli.common import empty_folder, lang_option, quiet_option, reports_problems, stop, tell_written
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

__all__ = ["bundle", "write_starters"]

PATH = click.Path(path_type=Path)
PLATFORMS: dict[str, tuple[str, ...]] = {
    "windows": ("win_amd64",),
    "linux": ("manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_17_x86_64"),
    "linux-arm": ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_17_aarch64"),
}
"""Name → platform tags of wheels; Kylin on Phytium or Kunpeng is ``linux-arm``."""

_INSTALL_BAT = r"""@echo off
chcp 65001 >nul
cd /d "%~dp0"
where py >nul 2>nul && (set PY=py -{version}) || (set PY=python)
%PY% -c "import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))" || (
  echo {need_python}
  pause
  exit /b 1
)
%PY% -m venv venv || (pause & exit /b 1)
venv\Scripts\python -m pip install --no-index --find-links wheels relief-dispatch || (pause & exit /b 1)
echo {installed}
pause
"""
_START_BAT = r"""@echo off
chcp 65001 >nul
cd /d "%~dp0"
if not exist venv\Scripts\dispatch.exe call install.bat
venv\Scripts\dispatch.exe start %*
pause
"""
_INSTALL_SH = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
for p in python{version} python3 python; do
  command -v $p >/dev/null 2>&1 || continue
  $p -c 'import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))' && PY=$p && break
done
if [ -z "$PY" ]; then echo "{need_python}"; exit 1; fi
"$PY" -m venv venv || exit 1
venv/bin/python -m pip install --no-index --find-links wheels relief-dispatch && echo "{installed}"
"""
_START_SH = """#!/bin/sh
cd "$(dirname "$0")" || exit 1
[ -x venv/bin/dispatch ] || sh install.sh || exit 1
exec venv/bin/dispatch start "$@"
"""


@click.command(help=say("cli_bundle_help"), epilog=say("cli_bundle_example"))
@click.argument("source", type=PATH, default=Path())
@click.option("--platform", type=click.Choice(list(PLATFORMS)), default="windows", help=say("cli_opt_platform"))
@click.option("--python", "version", default="3.12", show_default=True, help=say("cli_opt_python"))
@click.option("--out", type=PATH, required=True, help=say("cli_bundle_out"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def bundle(source: Path, platform: str, version: str, out: Path, overwrite: bool, lang: Lang) -> None:
    """Collect wheels and write the installer and the starter."""
    if not (source / "pyproject.toml").is_file():
        stop(text(lang, "cli_bundle_source", path=source))
    parts = version.split(".")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts) or tuple(map(int, parts)) < (3, 11):
        stop(text(lang, "cli_bundle_python", value=version))
    empty_folder(out, lang, overwrite=overwrite)
    wheels = out / "wheels"
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(source))
    needed = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    pinned = source / "constraints.txt"
    _pip(
        "download", "--only-binary=:all:", "--implementation", "cp", "--python-version", version,
        *(word for tag in PLATFORMS[platform] for word in ("--platform", tag)),
        *(("--constraint", str(pinned)) if pinned.is_file() else ()),
        "--dest", str(wheels), *needed,
    )  # fmt: skip
    filled.record([wheels])
    tell_written(lang, *write_starters(out, platform, version))


def _pip(*words: str) -> None:
    """Run pip of this Python; its own messages tell what went wrong."""
    done = subprocess.run([sys.executable, "-m", "pip", *words, "--disable-pip-version-check", "--quiet"], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def write_starters(out: Path, platform: str, version: str) -> list[Path]:
    """Write the installer, the starter and a page of instructions into a bundle; both languages.

    Parameters
    ----------
    out : Path
    platform : str
        Of ``PLATFORMS``.
    version : str
        Python's, such as ``3.12``; wheels are made for one.
    """
    major, minor = version.split(".")
    both = {
        key: " / ".join(text(lang, f"cli_bundle_{key}", version=version) for lang in ("zh", "en"))
        for key in ("need_python", "installed")
    }
    values = {"version": version, "major": major, "minor": minor, **both}
    if platform == "windows":
        scripts = {"install.bat": _INSTALL_BAT.format(**values), "start.bat": _START_BAT}
    else:
        scripts = {"install.sh": _INSTALL_SH.format(**values), "start.sh": _START_SH}
    written = []
    for name, content in scripts.items():
        path = out / name
        ends = content.replace("\n", "\r\n") if name.endswith(".bat") else content
        path.write_bytes(ends.encode("utf-8"))
        path.chmod(0o755)
        written.append(path)
    guide = out / "使用说明-README.txt"
    start = "start.bat" if platform == "windows" else "start.sh"
    said = "\n\n".join(text(lang, "cli_bundle_guide", version=version, start=start) for lang in ("zh", "en"))
    guide.write_text(said + "\n", encoding="utf-8-sig", newline="\r\n")
    return [*written, guide]
