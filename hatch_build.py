"""Browser parts from npm: brought in, checked, and put into the wheel.

`python hatch_build.py` installs what `package.json` names, checks the files it pins by their SHA-256, and
lays them into a folder of the package that git ignores, with the licences of all that is in them and a
manifest. `make serve` and `make test` call it. Without npm, or offline, it says so and all pages work without
the parts; only in CI (`CI=true`) that is a failure. A file that is not what was pinned is one everywhere.

The build hook at the end puts the folder into the wheel where it is there. It never runs npm: building a
wheel from a source distribution fetches nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
APP = "src/argraph/app"
NPM = [
    "install",
    "--ignore-scripts",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--omit=dev",
    "--loglevel=error",
]
OFFLINE = ["--fetch-retries=0", "--fetch-timeout=30000", "--prefer-offline"]
LICENCES = ("licen[cs]e*", "LICEN[CS]E*", "Licen[cs]e*", "copying*", "COPYING*", "NOTICE*")


class Refused(Exception):
    """The parts are not what was pinned."""


def pinned(root: Path) -> dict[str, dict[str, str]]:
    """The files of each folder of parts: the folder in the app, the file in `node_modules`, its SHA-256."""
    found: dict[str, dict[str, str]] = json.loads((root / "package.json").read_text())["argraph"]
    return found


def check(files: dict[str, str], where: dict[str, Path]) -> None:
    """Compare files with their pins.

    Raises:
        Refused: One of them is missing or another one.
    """
    for name, expected in files.items():
        path = where[name]
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
        if found != expected:
            raise Refused(
                f"{path} is not what package.json pins: its SHA-256 is {found}, expected {expected}."
            )


def laid(folder: Path, files: dict[str, str]) -> dict[str, Path]:
    """Where the files of a folder of parts are, once they are brought in."""
    return {name: folder / Path(name).name for name in files}


def ready(root: Path) -> bool:
    """Whether all parts are there; those of an older pin count as missing."""
    for folder, files in pinned(root).items():
        try:
            check(files, laid(root / APP / folder, files))
        except Refused:
            return False
    return True


def bring(root: Path) -> str:
    """Bring the parts in.

    Returns:
        What stands in the way, in a sentence; empty when they are there.

    Raises:
        Refused: npm brought something else than was pinned.
    """
    if ready(root):
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    done = subprocess.run([npm, *NPM, *OFFLINE], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        code = re.search(r"code (\w+)", done.stderr)
        return f"npm could not bring it ({code[1] if code else done.stderr.strip()})"
    modules = root / "node_modules"
    for name, files in pinned(root).items():
        check(files, {file: modules / file for file in files})
        target = root / APP / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file, path in laid(target, files).items():
            shutil.copyfile(modules / file, path)
        _describe(target, modules, files)
    return ""


def _describe(folder: Path, modules: Path, files: dict[str, str]) -> None:
    """Write the manifest, and the licences of every package that may be bundled in the files."""
    lock: dict[str, dict[str, Any]] = json.loads((modules / ".package-lock.json").read_text())["packages"]
    packages, texts = [], []
    for place, entry in sorted(lock.items()):
        if entry.get("dev"):
            continue
        name = place.rpartition("node_modules/")[2]
        licence = entry.get("license", "see its text")
        packages.append(
            {
                "name": name,
                "version": entry["version"],
                "license": licence,
                "integrity": entry.get("integrity", ""),
            }
        )
        home = modules.parent / place
        found = sorted({path for pattern in LICENCES for path in home.glob(pattern) if path.is_file()})
        text = "\n\n".join(path.read_text(encoding="utf-8", errors="replace").strip() for path in found)
        told = text or f"The package has no licence text; its package.json names the licence {licence}."
        texts.append(f"{'=' * 100}\n{name} {entry['version']}: {licence}\n{'=' * 100}\n\n{told}\n")
    manifest = {
        "files": [
            {"name": Path(name).name, "from": name, "sha256": digest} for name, digest in files.items()
        ],
        "packages": packages,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (folder / "LICENSES.txt").write_text("\n".join(texts), encoding="utf-8")


def main() -> int:
    """Bring the parts in and say how that went."""
    try:
        reason = bring(ROOT)
    except Refused as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if not reason:
        return 0
    print(f"The larger query editor is left out: {reason}. Everything works without it.", file=sys.stderr)  # noqa: T201
    return 1 if os.environ.get("CI") else 0


def get_build_hook() -> type:
    """The class that hatchling looks for when it builds a wheel."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class Parts(BuildHookInterface):
        """Puts the parts into the wheel; a wheel without them works as well."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """See hatchling; an editable install reads the folder where it is."""
            if version == "editable":
                return
            root = Path(self.root)
            for name, files in pinned(root).items():
                folder = root / APP / name
                if not folder.is_dir():
                    self.app.display_warning(f"{folder} is not there: this wheel will do without it.")
                    continue
                check(files, laid(folder, files))
                for path in sorted(folder.iterdir()):
                    build_data["force_include"][str(path)] = f"argraph/app/{name}/{path.name}"

    return Parts


if __name__ == "__main__":
    sys.exit(main())
