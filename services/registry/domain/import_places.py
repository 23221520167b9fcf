"""The village a row means, by its code or by the names people write."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from services.registry.domain.name import key_of
from shared.errors import RuleViolated
from shared.reference.areas import (
    Level,
    at_level,
    children,
    is_known,
    label_of,
    level_of,
    name_of,
)

_SHOWN: Final = 4
_WORDS_BEFORE: Final = re.compile(
    r"^(provinsi|prov|kabupaten|kab|kecamatan|kec|kelurahan|kel|desa|ds|dusun) "
)
_CODE: Final = re.compile(r"(\d\d)\.?(\d\d)\.?(\d\d)\.?(\d{4})")


class Places:
    """Finds villages within some areas; what was found once is remembered."""

    def __init__(self, within: Sequence[str]) -> None:
        self._within = tuple(within)
        self._found: dict[tuple[str, str, str], str] = {}

    @property
    def only(self) -> str | None:
        """The one village there is, if the areas are no more than that."""
        areas = set(self._within)
        return next(iter(areas)) if len(areas) == 1 and _is_village(*areas) else None

    def by_code(self, text: str) -> str:
        """The village with this code, with or without its dots; raises `RuleViolated`."""
        parts = _CODE.fullmatch(text.strip())
        code = ".".join(parts.groups()) if parts else ""
        if not is_known(code):
            raise RuleViolated("Tidak ada desa/kelurahan dengan kode ini.")
        return code

    def by_name(self, village: str, district: str = "", regency: str = "") -> str:
        """The village with these names; raises `RuleViolated` unless there is exactly one."""
        asked = (_plain(village), _plain(district), _plain(regency))
        if asked not in self._found:
            self._found[asked] = self._one(*asked)
        return self._found[asked]

    def _one(self, village: str, district: str, regency: str) -> str:
        codes = [
            code
            for code in self._villages.get(village, ())
            if (not district or _plain(_name(code, Level.DISTRICT)) == district)
            and (not regency or _plain(_name(code, Level.REGENCY)) == regency)
        ]
        if len(codes) == 1:
            return codes[0]
        if not codes:
            raise RuleViolated("Desa/kelurahan ini tidak ditemukan di wilayah tugas Anda.")
        shown = "; ".join(label_of(at_level(code, Level.DISTRICT) or code) for code in codes)
        if len(codes) > _SHOWN:
            shown = f"{len(codes)} kecamatan"
        raise RuleViolated(
            f"Ada beberapa desa/kelurahan dengan nama ini ({shown}). Isi juga kecamatannya."
        )

    @cached_property
    def _villages(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for code in dict.fromkeys(one for area in self._within for one in _villages_of(area)):
            named.setdefault(_plain(name_of(code) or code), []).append(code)
        return named


def _villages_of(area: str) -> Iterator[str]:
    if _is_village(area):
        yield area
        return
    for code, _ in children(area):
        yield from _villages_of(code)


def _is_village(code: str) -> bool:
    return level_of(code) is Level.VILLAGE


def _name(code: str, level: Level) -> str:
    return name_of(at_level(code, level) or code) or ""


def _plain(text: str) -> str:
    """Without the word for its level, and without blanks: they are written either way.

    A kota keeps its word: there is a Kabupaten Malang and a Kota Malang.
    """
    return _WORDS_BEFORE.sub("", key_of(text)).replace(" ", "")
