"""What protects people's data, in words: the law's terms and the actions of the audit trail."""

from collections.abc import Mapping
from typing import Final

from services.portal.clients.protection import Trace

PURPOSES: Final[Mapping[str, str]] = {
    "service": "Pendataan dan pelayanan",
    "sharing": "Diteruskan ke layanan luar",
    "documentation": "Foto dan dokumentasi",
}
REQUESTS: Final[Mapping[str, str]] = {
    "access": "Akses data",
    "correction": "Perbaikan data",
    "withdrawal": "Penarikan persetujuan",
    "restriction": "Pembatasan pemrosesan",
    "erasure": "Penghapusan data",
    "breach": "Kegagalan pelindungan data",
}
ASKED: Final = ("access", "correction", "restriction", "erasure")
"""What a person asks; a withdrawal is made at the consent itself."""
REFUSALS: Final[Mapping[str, str]] = {
    "safety": "Membahayakan keselamatan atau kesehatan",
    "legal_duty": "Wajib disimpan menurut aturan lain",
    "not_the_person": "Bukan yang bersangkutan atau yang berhak",
}
REFUSALS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "access": ("safety", "not_the_person"),
    "correction": ("safety", "not_the_person"),
    "restriction": ("legal_duty", "not_the_person"),
    "erasure": ("safety", "legal_duty", "not_the_person"),
}
DONE: Final[Mapping[str, str]] = {
    "access": "Berkas sudah diserahkan",
    "correction": "Data sudah diperbaiki",
    "withdrawal": "Hentikan sekarang",
    "restriction": "Batasi sekarang",
    "erasure": "Setujui penghapusan",
    "breach": "Sudah diberitahukan",
}
"""What granting each kind is called."""
ERASURE: Final = "erasure"
GRANTED: Final = "done"
STATES: Final[Mapping[str, str]] = {
    "open": "Menunggu",
    "done": "Selesai",
    "refused": "Ditolak",
}
CHANNELS: Final = (
    ("written", "Tertulis"),
    ("recorded", "Direkam"),
    ("electronic", "Elektronik"),
)
ACTIONS: Final[Mapping[str, str]] = {
    "beneficiary.registered": "mendaftarkan",
    "beneficiary.imported": "mengimpor dari berkas",
    "beneficiary.read": "membuka data lengkap",
    "beneficiary.listed": "melihat dalam daftar",
    "beneficiary.looked_up": "melihat nama pada halaman lain",
    "beneficiary.nik_searched": "mencari dengan NIK",
    "beneficiary.lookalike_shown": "melihat sebagai data yang mirip",
    "beneficiary.lookalike_accepted": "menyatakan berbeda orang saat mendaftarkan",
    "beneficiary.said_different": "menyatakan bukan orang yang sama",
    "beneficiary.member_added": "mencatat sebagai keluarga dan anggota",
    "beneficiary.reported": "menyelesaikan laporan dari sistem lain",
    "report.filed": "menyampaikan laporan",
    "report.listed": "melihat dalam daftar laporan",
    "report.read": "membuka laporan",
    "report.settled": "menyelesaikan laporan",
    "report.refused": "menyelesaikan laporan tanpa mencatat",
    "beneficiary.changed": "mengubah",
    "beneficiary.category_given": "memberi kategori",
    "beneficiary.category_verified": "memverifikasi kategori",
    "beneficiary.category_ended": "mengakhiri kategori",
    "beneficiary.categories_read": "membuka riwayat kategori",
    "beneficiary.family_read": "membuka susunan keluarga",
    "beneficiary.member_removed": "mengeluarkan anggota keluarga",
    "beneficiary.merged": "menggabungkan dengan data lain",
    "beneficiary.unmerged": "memisahkan dari data lain",
    "beneficiary.exported": "mengunduh dalam lembar data",
    "beneficiary.shared": "membaca wilayah dan kategori terbuka",
    "beneficiary.anonymised": "menganonimkan",
    "answer.repeated": "menerima lagi jawaban yang sama",
    "audit.read": "melihat jejak akses",
    "audit.verified": "memeriksa keutuhan jejak akses",
    "import.opened": "mengunggah daftar untuk diimpor",
    "import.checking": "memeriksa daftar untuk diimpor",
    "import.running": "mengimpor daftar",
    "import.stopped": "menghentikan impor daftar",
    "protection.read": "membuka halaman pelindungan data",
    "protection.listed": "melihat dalam daftar permintaan",
    "protection.grounds_recorded": "mencatat dasar pemrosesan",
    "protection.consent_withdrawn": "mencatat penarikan persetujuan",
    "protection.request_taken": "mencatat permintaan",
    "protection.request_handled": "menjawab permintaan",
    "protection.processing_stopped": "menghentikan pemrosesan atas persetujuan yang ditarik",
    "protection.restricted": "membatasi data",
    "protection.restriction_lifted": "mencabut pembatasan",
    "protection.file_handed_out": "menyerahkan berkas data pribadi",
    "protection.breach_reported": "melaporkan kegagalan pelindungan data",
}
CHANGED: Final[Mapping[str, str]] = {
    "name": "nama",
    "sex": "jenis kelamin",
    "birth": "kelahiran",
    "area": "desa",
    "address": "alamat",
    "phone": "telepon",
    "safe_contact": "keamanan kontak",
    "categories": "kategori",
    "nik": "NIK",
    "kk": "No. KK",
    "aliases": "nama lain",
    "disabilities": "disabilitas",
    "point": "titik koordinat",
    "size": "jumlah orang",
}
"""What was changed; what it said before is written nowhere."""
_OURS: Final = "Sinergi"


def decisions(kind: str) -> list[tuple[str, str]]:
    """What an officer may decide about such a request: to grant it, or why not."""
    refused = [(code, f"Tolak: {REFUSALS[code].lower()}") for code in REFUSALS_OF.get(kind, ())]
    return [(GRANTED, DONE[kind]), *refused]


def did(trace: Trace) -> str:
    """What somebody did; what a newer service writes is told with its code."""
    words = ACTIONS.get(trace.action, f"melakukan tindakan lain ({trace.action})")
    if trace.action == "beneficiary.changed" and trace.detail:
        fields = [CHANGED.get(one, one) for one in trace.detail.split(",")]
        return f"{words}: {', '.join(fields)}"
    if trace.action == "protection.request_taken" and trace.detail:
        return f"{words}: {REQUESTS.get(trace.detail, trace.detail).lower()}"
    if trace.action == "protection.restriction_lifted" and trace.detail:
        return f"{words} dan penghapusan"
    return words


def is_ours(trace: Trace) -> bool:
    """Whether no person did it, but a service of ours or the clock."""
    return trace.actor_kind == "service"


def done_by_us(trace: Trace) -> str:
    """Which service of ours it was."""
    named = trace.action == "beneficiary.shared" and trace.detail
    return f"{_OURS} (layanan {trace.detail})" if named else f"{_OURS} (otomatis)"
