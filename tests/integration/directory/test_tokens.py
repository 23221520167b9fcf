import json

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from services.directory.domain.errors import NoCurrentDuty
from services.directory.use_cases.issue_operator_token import issue_operator_token
from shared.auth import service_actor, sign
from shared.database import Database
from shared.errors import NotFound
from shared.migrations import SERVICES
from tests.conftest import SUMBERWULUH
from tests.fixtures.stack import Stack
from tests.integration.directory.conftest import Employ, held

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def secret(clean: Stack) -> str:
    known: dict[str, str] = json.loads(clean.environment["DIRECTORY_CLIENTS"])
    return known["cases"]


async def test_the_published_keys_prove_a_token_and_hold_nothing_private(
    anyone: httpx2.AsyncClient, secret: str
) -> None:
    published = (await anyone.get("/.well-known/jwks.json")).json()
    assert [set(key) for key in published["keys"]] == [{"kty", "crv", "x", "kid", "use", "alg"}]
    answer = await anyone.post("/oauth/token", data=GRANT, auth=("cases", secret))
    token = jwt.decode(
        answer.json()["access_token"], KeySet.import_key_set(published), algorithms=["Ed25519"]
    )
    assert token.header["kid"] == published["keys"][0]["kid"]
    assert token.claims["aud"] == list(SERVICES)
    assert token.claims["exp"] - token.claims["iat"] == 300


async def test_a_client_gets_its_token_by_basic_or_by_form(
    anyone: httpx2.AsyncClient, secret: str, clean: Stack
) -> None:
    by_basic = await anyone.post("/oauth/token", data=GRANT, auth=("cases", secret))
    by_form = await anyone.post(
        "/oauth/token", data={**GRANT, "client_id": "cases", "client_secret": secret}
    )
    for answer in (by_basic, by_form):
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
        actor = await clean.verifier("registry").verify(body["access_token"])
        assert actor == service_actor("cases")
        assert (actor.kind, actor.name, actor.duties) == ("service", "cases", ())


async def test_a_client_with_a_wrong_secret_an_unknown_one_and_none_are_refused(
    anyone: httpx2.AsyncClient, secret: str
) -> None:
    by_form = {**GRANT, "client_id": "cases"}
    for refused in [
        *[
            await anyone.post("/oauth/token", data=GRANT, auth=credentials)
            for credentials in (("cases", secret + "x"), ("cases", ""), ("nobody", secret))
        ],
        *[await anyone.post("/oauth/token", data=data) for data in (by_form, GRANT)],
    ]:
        assert refused.status_code == 401
        assert refused.json()["error"] == "invalid_client"
        assert secret not in refused.text


async def test_other_grants_are_refused(anyone: httpx2.AsyncClient, secret: str) -> None:
    other = await anyone.post(
        "/oauth/token", data={"grant_type": "password"}, auth=("cases", secret)
    )
    assert other.status_code == 400
    assert other.json()["error"] == "unsupported_grant_type"
    assert (await anyone.post("/oauth/token", auth=("cases", secret))).status_code == 422


async def test_a_token_of_a_foreign_key_or_audience_is_refused(
    anyone: httpx2.AsyncClient, clean: Stack, employ: Employ
) -> None:
    actor = (await employ(held("PSM", SUMBERWULUH))).actor
    foreign = OKPKey.generate_key("Ed25519", auto_kid=True)
    for token in (
        sign(actor, key=foreign, audiences=SERVICES, lifetime_seconds=60),
        sign(actor, key=clean.key, audiences=["cases"], lifetime_seconds=60),
        sign(actor, key=clean.key, audiences=SERVICES, lifetime_seconds=-61),
        "nonsense",
    ):
        answer = await anyone.get("/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_the_operator_gets_a_token_with_the_current_duties(
    employ: Employ, database: Database, clean: Stack
) -> None:
    person = await employ(held("PSM", SUMBERWULUH), held("TKSK", "35.08.03", ends=-1))
    async with database.transaction() as tx:
        token = await issue_operator_token(person.username, tx=tx, key=clean.key, minutes=5)
    assert await clean.verifier("cases").verify(token) == person.actor
    claims = jwt.decode(token, clean.key, algorithms=["Ed25519"]).claims
    assert claims["exp"] - claims["iat"] == 300
    assert [duty["pillar"] for duty in claims["duties"]] == ["PSM"]


async def test_the_operator_gets_no_token_for_nobody_or_for_who_left(
    employ: Employ, database: Database, clean: Stack
) -> None:
    former = await employ(held("PSM", SUMBERWULUH, ends=-1))
    for username, error in (("nobody.here", NotFound), (former.username, NoCurrentDuty)):
        with pytest.raises(error):
            async with database.transaction() as tx:
                await issue_operator_token(username, tx=tx, key=clean.key, minutes=5)
