"""What the repository holds can be given to anybody: no address of a package index, no path of one machine, no loose end."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.product import ROOT

INDEXES = re.compile(r"py[p]i\.org|pythonhoste[d]\.org|npmj[s]\.org|--(extra-)?index-ur[l]|--trusted-hos[t]")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    ".json",
    ".js",
    ".css",
    ".html",
    ".svg",
    ".mako",
    ".csv",
    ".sh",
    "",
}


def tracked() -> list[Path]:
    """Return the files of the repository; of an unpacked release, all that is there but the machine's own."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        own = {".venv", ".git", "__pycache__", ".demo", "build"}
        return [path for path in ROOT.rglob("*") if path.is_file() and not own & set(path.relative_to(ROOT).parts)]
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


FILES = [path for path in tracked() if path.suffix in TEXT]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_there_are_files_to_look_at() -> None:
    assert {"Procfile", "pyproject.toml", "README.md"} <= {path.name for path in FILES}


def test_no_file_names_a_package_index() -> None:
    assert lines_with(INDEXES) == []


@pytest.mark.parametrize("place", [str(ROOT), f"{Path.home()}/"], ids=["this folder", "this home"])
def test_no_file_names_a_path_of_this_machine(place: str) -> None:
    assert lines_with(re.compile(rf"(?<![\w/.:]){re.escape(place)}")) == []


def test_nothing_is_kept_of_what_belongs_to_one_machine() -> None:
    kept = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert [
        name for name in kept if name.endswith((".db", ".pyc", ".log")) or name.split("/")[0] in {".venv", ".env"}
    ] == []
