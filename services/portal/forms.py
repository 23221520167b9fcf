"""A submitted form: what was typed, what was wrong with it, and the key that sends it once."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request, status
from starlette.datastructures import FormData, UploadFile

from services.portal.problems import KEY_REUSED, ClientProblem, FieldError
from shared.errors import Unavailable
from shared.ids import new_id

KEY_FIELD: Final = "_key"
CHECK_MARKED: Final = "Periksa isian yang ditandai"
_MARKS: Final = re.compile(r"[\s.-]")
_SHORTEST_KEY: Final = 8
_SECRETS: Final = frozenset({"current_password", "new_password", "repeated_password"})
_PAGES: Final = (
    (re.compile(r"(/rujukan/[^/]+)/[^/]+"), r"\1"),
    (re.compile(r"(/kasus/[^/]+)/[^/]+"), r"\1"),
    (re.compile(r"(/warga/[^/]+)/beda"), r"\1/ganda"),
    (re.compile(r"(/warga/[^/]+)/pisah"), r"\1"),
    (re.compile(r"(/warga/[^/]+/kategori)/.+"), r"\1"),
    (re.compile(r"(/keluarga/[^/]+)/.+"), r"\1"),
    (re.compile(r"(/laporan/[^/]+)/.+"), r"\1"),
    (re.compile(r"/kabar/.+"), "/kabar"),
    (re.compile(r"/profil/.+"), "/profil"),
    (re.compile(r"/pelindungan/.+"), "/pelindungan"),
    (re.compile(r"(/warga/[^/]+/pelindungan)/.+"), r"\1"),
    (re.compile(r"(/warga/impor/.+)/(?:periksa|mulai|hentikan)"), r"\1"),
    (re.compile(r"(/bencana/.+)/(?:tutup|jiwa|kirim)"), r"\1"),
)
"""Where a form is sent, and the page it stands on, where that is another address."""
_LONGEST_KEY: Final = 200
_PAGES_OF_THEIR_OWN: Final = frozenset({status.HTTP_403_FORBIDDEN, status.HTTP_404_NOT_FOUND})
"""Refusals that say nothing of what was typed."""


def without_marks(number: str) -> str:
    """A NIK or No. KK as it is meant: people group its digits by spaces, dots or hyphens."""
    return _MARKS.sub("", number)


@dataclass(slots=True)
class Form:
    """Values by field name; shown again as they were typed when something is wrong."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    alert: str | None = None
    code: int = status.HTTP_200_OK
    """What the page that shows it answers with."""
    key: str = field(default_factory=lambda: str(new_id()))
    prefix: str = ""
    """Keeps the ids of several forms on one page apart."""

    def get(self, name: str, default: str = "") -> str:
        """The trimmed value of a field."""
        values = self.values.get(name)
        return values[-1].strip() if values else default

    def id_in(self, name: str) -> UUID | None:
        """The id in a field; None where it holds none."""
        try:
            return UUID(self.get(name))
        except ValueError:
            return None

    def number(self, name: str) -> str:
        """A long number without what people put between its digits."""
        return without_marks(self.get(name))

    def all(self, name: str) -> list[str]:
        """Every value of a field with several."""
        return [value for value in self.values.get(name, ()) if value]

    def filled(self, *names: str) -> dict[str, Any]:
        """The values of those of these fields that hold something."""
        return {name: self.get(name) for name in names if self.get(name)}

    @property
    def is_secret(self) -> bool:
        """Whether it holds what no page may carry on."""
        return not _SECRETS.isdisjoint(self.values)

    def raw(self, name: str) -> str:
        """The value of a field exactly as typed, as a password must be."""
        values = self.values.get(name)
        return values[-1] if values else ""

    def scoped(self, prefix: str) -> "Form":
        """The same form with ids of its own on the page."""
        return replace(self, prefix=prefix)

    def refuse(self, problem: ClientProblem) -> None:
        """Show a service's refusal at the fields it names, and in words above the form."""
        self.code = problem.status
        for error in problem.errors:
            self.errors.setdefault(error.field, error.message)
        self.alert = problem.title
        if any(error.message.rstrip(".") == problem.title for error in problem.errors):
            self.alert = CHECK_MARKED  # The field says it already.
        if problem.detail and not problem.errors:
            self.alert = f"{problem.title}. {problem.detail}"
        if problem.code == KEY_REUSED:
            self.alert = (
                "Kiriman sebelumnya dari formulir ini sudah diterima. Periksa dahulu di Terkirim "
                "sebelum mengirim lagi."
            )
            self.key = str(new_id())

    def require(self, name: str, message: str) -> None:
        """Refuse the form unless the field holds something."""
        if not self.get(name):
            self.add(FieldError(name, message))

    def require_day(self, name: str) -> None:
        """Refuse the form unless the field holds a date."""
        try:
            date.fromisoformat(self.get(name))
        except ValueError:
            self.add(FieldError(name, "Tanggal belum sesuai."))

    def add(self, error: FieldError) -> None:
        """Refuse one field."""
        self.code = status.HTTP_422_UNPROCESSABLE_CONTENT
        self.errors.setdefault(error.field, error.message)
        self.alert = self.alert or CHECK_MARKED


def page_of(path: str) -> str:
    """The page on which the form stands that is sent to this path."""
    for sent_to, stands_on in _PAGES:
        if found := sent_to.fullmatch(path):
            return found.expand(stands_on)
    return path


async def submitted(request: Request) -> Form:
    """The form of this request."""
    data: FormData = await request.form()
    values: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return form_of(values)


Filled = Annotated[Form, Depends(submitted)]


async def try_to_send(
    form: Form, send: Callable[[], Awaitable[object]], again: str = "Simpan lagi"
) -> bool:
    """Send what a form says; False when it was refused, and the form to be shown says why.

    What is not the visitor's to see or do is raised.
    """
    if form.errors:
        return False
    try:
        await send()
    except ClientProblem as problem:
        if problem.status in _PAGES_OF_THEIR_OWN:
            raise
        form.refuse(problem)
    except Unavailable:
        form.alert = f"Layanan sedang tidak menjawab. {again}; tidak akan tercatat dua kali."
        form.code = status.HTTP_503_SERVICE_UNAVAILABLE
    else:
        return True
    return False


async def files_in(request: Request, name: str) -> list[UploadFile]:
    """The files chosen in a field; a field left empty comes as one without a name."""
    data: FormData = await request.form()
    return [one for one in data.getlist(name) if isinstance(one, UploadFile) and one.filename]


def form_of(values: Mapping[str, Sequence[str]]) -> Form:
    """A form with these values; a fresh key stands in for one that is missing or unfit."""
    form = Form({name: tuple(found) for name, found in values.items()})
    key = form.get(KEY_FIELD)
    if _SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable():
        form.key = key
    return form
