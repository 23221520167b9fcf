"""What directory answers."""

from typing import Any

from tests.integration.portal.answers.known import (
    BUDI,
    ME,
    NOTICE,
    SARI,
    SESSION,
    VILLAGE,
    Answers,
    in_hours,
)


def colleague(worker_id: str, name: str, **duty: Any) -> dict[str, Any]:
    """A worker as directory lists them, with one duty."""
    held = {"pillar": "TKSK", "area": "35.08.03", "role": "worker", "active": True, **duty}
    return {"id": worker_id, "name": name, "duties": [held], "absent_until": None}


def on_a_quiet_day() -> Answers:
    """Rahmat is signed in, and has two colleagues."""
    mine = {"pillar": "TKSK", "area": "35.08.03", "role": "worker"}
    me = {"id": ME, "name": "Rahmat Hidayat", "duties": [mine]}
    dated = {**mine, "from": "2024-01-01", "to": None, "active": True}
    names = [
        {"id": BUDI, "name": "Budi Santoso", "pillar": "TKSK", "area": "35.08.03"},
        {"id": SARI, "name": "Sari Wulandari", "pillar": "PSM", "area": VILLAGE},
    ]

    def looked_up(body: Any) -> Any:
        return {"items": [one for one in names if one["id"] in body["ids"]]}

    session = {"token": SESSION, "worker_id": ME, "expires_at": in_hours(12)}
    return {
        "POST /directory/oauth/token": (200, {"access_token": "service", "expires_in": 300}),
        "POST /directory/sessions": (201, session),
        "POST /directory/sessions/token": (
            200,
            {"access_token": "visitor", "expires_in": 60, "worker": me},
        ),
        "DELETE /directory/sessions/current": (204, None),
        "GET /directory/health/live": (200, {"status": "up"}),
        "POST /directory/workers/lookup": (200, looked_up),
        "GET /directory/workers": (200, {"items": [colleague(BUDI, "Budi Santoso")], "next": None}),
        "GET /directory/me": (200, {**me, "active": True, "duties": [dated], "absences": []}),
        "POST /directory/me/password": (204, None),
        f"GET /directory/workers/{ME}": (200, {**me, "active": True, "absent_until": None}),
        f"POST /directory/workers/{ME}/absence": (201, {"id": NOTICE, "worker_id": ME}),
    }
