"""The places a visitor may go, by what their duties allow; the services decide again."""

from dataclasses import dataclass
from typing import Final

from services.portal.clients.directory import Worker
from shared.auth import Actor, Duty
from shared.policy import Action, may


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; whoever may do all that it needs sees it."""

    key: str
    address: str
    icon: str
    word: str
    needs: tuple[Action, ...]


TASKS: Final = Place("tugas", "/tugas", "inbox", "Tugas", (Action.REFERRAL_READ,))
PROFILE: Final = Place("profil", "/profil", "user-round", "Profil", (Action.ME_READ,))
ON_A_PHONE: Final = 5
"""How many places the bar of a phone has room for; the others stand in the menu."""
PLACES: Final = (
    TASKS,
    Place("pantau", "/pantau", "eye", "Pantau", (Action.BOARD_READ,)),
    Place("daftar", "/daftar", "user-plus", "Daftar", (Action.BENEFICIARY_REGISTER,)),
    Place("rujuk", "/rujuk", "send", "Rujuk", (Action.REFERRAL_SEND, Action.BENEFICIARY_READ)),
    Place("kabar", "/kabar", "bell", "Kabar", (Action.NOTICE_READ,)),
    Place("warga", "/warga", "users", "Warga", (Action.BENEFICIARY_READ,)),
    Place("laporan", "/laporan", "message-square", "Laporan", (Action.REPORT_HANDLE,)),
    Place("peta", "/peta", "map", "Peta", (Action.VULNERABILITY_READ,)),
    Place("bencana", "/bencana", "siren", "Bencana", (Action.DISASTER_READ,)),
    Place("layanan", "/layanan", "building-2", "Layanan luar", (Action.OUTSIDE_SERVICE_MANAGE,)),
    Place("pelindungan", "/pelindungan", "shield", "Pelindungan", (Action.PROTECTION_HANDLE,)),
    Place("aturan", "/aturan", "route", "Aturan", (Action.RULE_CHANGE,)),
)


@dataclass(frozen=True, slots=True)
class Ability:
    """Something duties allow, in words, and the page for it where there is one."""

    action: Action
    words: str
    address: str | None = None


ABILITIES: Final = (
    Ability(Action.REFERRAL_RECEIVE, "Menerima dan menangani rujukan", "/tugas"),
    Ability(Action.BENEFICIARY_REGISTER, "Mendaftarkan warga yang memerlukan bantuan", "/daftar"),
    Ability(Action.BENEFICIARY_READ, "Mencari warga yang sudah terdaftar", "/warga"),
    Ability(Action.REPORT_HANDLE, "Memutuskan laporan dari sistem lain", "/laporan"),
    Ability(Action.REFERRAL_SEND, "Merujuk warga ke pilar lain", "/rujuk"),
    Ability(Action.VULNERABILITY_READ, "Melihat peta kebutuhan wilayah", "/peta"),
    Ability(Action.DISASTER_READ, "Melihat bencana dan lokasinya", "/bencana"),
    Ability(Action.DISASTER_INTAKE, "Mendata keluarga terdampak bencana", "/bencana"),
    Ability(Action.NOTICE_READ, "Membaca kabar tentang rujukan", "/kabar"),
    Ability(Action.BOARD_READ, "Memantau rujukan yang terbuka di wilayah Anda", "/pantau"),
    Ability(Action.WORK_ASSIGN, "Menyerahkan pekerjaan seorang petugas kepada rekan", "/pantau"),
    Ability(Action.RULE_CHANGE, "Mengubah aturan rujukan di wilayah Anda", "/aturan"),
    Ability(Action.OUTSIDE_SERVICE_MANAGE, "Mengelola daftar layanan luar", "/layanan"),
    Ability(Action.WORKER_MANAGE, "Mengelola petugas dan tugasnya"),
    Ability(Action.ORGANISATION_READ, "Melihat organisasi"),
    Ability(Action.PROTECTION_HANDLE, "Menangani permintaan atas data pribadi", "/pelindungan"),
    Ability(Action.AUDIT_READ, "Memeriksa jejak audit"),
)


def places_for(worker: Worker) -> tuple[Place, ...]:
    """The navigation of a worker; it begins with the page they land on."""
    actor = _actor(worker)
    allowed = tuple(one for one in PLACES if all(may(actor, action) for action in one.needs))
    # Everybody reaches the profile from the menu; who has no tasks begins there.
    return allowed if TASKS in allowed else (PROFILE, *allowed)


def abilities_of(worker: Worker) -> list[Ability]:
    """What the duties of a worker allow."""
    actor = _actor(worker)
    addresses = {one.address for one in places_for(worker)}
    return [
        one
        for one in ABILITIES
        if may(actor, one.action) and (one.address is None or one.address in addresses)
    ]


def may_do(worker: Worker, action: Action) -> bool:
    """Whether any duty of a worker allows this on some thing at all."""
    return may(_actor(worker), action)


def _actor(worker: Worker) -> Actor:
    duties = tuple(Duty(duty.pillar, duty.area, duty.role) for duty in worker.duties)
    return Actor(worker.id, "worker", duties)
