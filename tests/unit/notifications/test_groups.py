"""News of a batch from a disaster site: one notice a person, the same whichever comes first."""

from uuid import UUID, uuid4

from services.notifications.domain.tells import NoticeKind, messages, notice_id_in
from shared.contracts import cases
from shared.ids import new_id
from tests.unit.notifications.story import Story

AREA = "35.08.03.2005"


def sent_with(families: int) -> cases.ReferralState:
    group = cases.ReferralGroup(id=new_id(), site_id=uuid4(), area=AREA, families=families)
    state = Story().event(cases.ReferralSent).data
    assert isinstance(state, cases.ReferralSent)
    return state.model_copy(update={"group": group})


def test_a_batch_is_told_in_the_number_of_its_families() -> None:
    state = sent_with(35)
    told = messages(state, None)
    assert {one.recipient_id for one in told} == set(state.pool)
    assert {(one.kind, one.title) for one in told} == {
        (NoticeKind.FAMILIES_NEW, "35 keluarga baru di lokasi bencana Sumberwuluh, Kec. Candipuro")
    }


def test_a_family_that_came_alone_is_told_like_any_referral() -> None:
    assert {one.kind for one in messages(sent_with(1), None)} == {NoticeKind.REFERRAL_NEW}


def test_the_notice_of_a_batch_is_one_per_person_and_listed_by_its_time() -> None:
    first, second = (
        cases.ReferralGroup(id=UUID(f"01a20b6b-61d{ms}-712f-8000-{uuid4().hex[:12]}"),
                            site_id=uuid4(), area=AREA, families=2)
        for ms in (1, 2)
    )  # fmt: skip
    people = [uuid4() for _ in range(5)]
    earlier = [notice_id_in(first, one) for one in people]
    later = [notice_id_in(second, one) for one in people]
    assert earlier == [notice_id_in(first, one) for one in people]
    assert len({*earlier, *later}) == 10
    assert max(earlier) < min(later)
