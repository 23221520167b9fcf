"""Reads the data files beside this module."""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one data file, as text."""
    with files("shared.reference.data").joinpath(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
