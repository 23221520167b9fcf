"""What notifications answers."""

from tests.integration.portal.answers.known import BUDI, NOTICE, REFERRAL, Answers, in_hours


def on_a_quiet_day() -> Answers:
    """One notice is new, and two more are unread."""
    notice = {
        "id": NOTICE,
        "kind": "referral_new",
        "referral_id": REFERRAL,
        "case_number": "RJ-35.08-2026-000123",
        "title": "Rujukan baru RJ-35.08-2026-000123",
        "at": in_hours(-1),
        "read_at": None,
    }
    delivery = {
        "notice_id": NOTICE,
        "recipient_id": BUDI,
        "channel": "in_app",
        "kind": "referral_new",
        "status": "delivered",
        "at": in_hours(-1),
        "detail": None,
    }
    return {
        "GET /notifications/notices": (200, {"items": [notice], "next": None}),
        "GET /notifications/notices/count": (200, {"unread": 3}),
        "POST /notifications/notices/read-all": (200, {"read": 3}),
        f"POST /notifications/notices/{NOTICE}/read": (200, notice),
        f"POST /notifications/notices/of-referral/{REFERRAL}/read": (200, {"read": 1}),
        "GET /notifications/deliveries": (200, {"items": [delivery], "next": None}),
    }
