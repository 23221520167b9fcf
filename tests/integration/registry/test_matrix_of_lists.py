"""Lists brought in and taken away x every kind of caller."""

import csv
import io
import uuid

import pytest
from fastapi import FastAPI

from services.registry.domain.name import HIDDEN
from tests.fixtures.callers import Api
from tests.fixtures.matrix import OUTSIDE, Caller, every_caller, without_duty
from tests.integration.registry.conftest import Body
from tests.integration.registry.lists import SITI, as_csv

EXPORT = "GET /beneficiaries/export"
UPLOAD = "POST /imports"
LISTS = {
    EXPORT,
    UPLOAD,
    "GET /imports",
    "GET /imports/{import_id}",
    "GET /imports/{import_id}/progress",
    "GET /imports/{import_id}/lines",
    "GET /imports/{import_id}/result",
    "POST /imports/{import_id}/check",
    "POST /imports/{import_id}/start",
    "POST /imports/{import_id}/stop",
}
CALLERS = every_caller(("PSM", "TKSK", "TAGANA", "LKS"), offices=("same",))
# Volunteers take in and take away one by one; of the coordinators those who work with persons.
STANDING = """
dinsos       -  -         -  office
coordinator  -  PSM|TKSK  -  office
-            -  -         -  nobody
"""


def number(caller: Caller, method: str, path: str) -> int:
    if caller.standing(STANDING) == "nobody":
        return 403
    if f"{method} {path}" == UPLOAD:
        return 201
    return 404 if "{" in path else 200


@pytest.mark.parametrize("endpoint", sorted(LISTS))
async def test_lists_are_for_offices_alone_and_each_import_its_importers(
    app: FastAPI, api: Api, endpoint: str
) -> None:
    method, path = endpoint.split()
    address = path.replace("{import_id}", str(uuid.uuid4()))

    def content() -> dict[str, object]:
        if endpoint == UPLOAD:
            return {"files": {"file": ("daftar.csv", as_csv(SITI))}}
        if path.endswith("/check"):
            return {"json": {"columns": {"name": 0, "village": 1, "categories": 2}}}
        return {}

    expected, found = {}, {}
    for caller in CALLERS:
        expected[caller] = number(caller, method, path)
        answer = await api(caller.actor()).request(method, address, **content())  # type: ignore[arg-type] # as given
        found[caller] = answer.status_code
    assert found == expected
    async with without_duty(app, api, "cases") as clients:
        for who, client in clients.items():
            answer = await client.request(method, address, **content())  # type: ignore[arg-type] # as given
            assert answer.status_code == (401 if who == "stranger" else 403), who


async def test_an_export_holds_what_its_caller_may_take_away(api: Api, without_nik: Body) -> None:
    registrar = api(Caller("worker", "village", "PSM", "same").actor())
    for code in ("LUT", "PD", "ODHA"):
        body = without_nik(
            name=f"Si {code}", categories=[code], birth={"year": 1950}, accept_lookalikes=True
        )
        assert (await registrar.post("/beneficiaries", json=body)).status_code == 201
    for caller in CALLERS:
        if caller.standing(STANDING) == "nobody":
            continue
        answer = await api(caller.actor()).get("/beneficiaries/export")
        mark, head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert mark[0].startswith("DATA PRIBADI, dilindungi UU 27/2022.")
        names = {line[head.index("Nama")] for line in lines}
        expected = {"Si LUT", "Si PD"} | ({HIDDEN} if caller.role == "dinsos" else set())
        assert names == (set() if caller.area in OUTSIDE else expected), caller
        assert "HIV" not in answer.text
