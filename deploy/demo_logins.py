"""The invented people one can log in as in a demonstration."""

from typing import NamedTuple


class DemoLogin(NamedTuple):
    """A user name and whom it stands for."""

    username: str
    stands_for: str


DEMO_LOGINS = (
    DemoLogin("tksk.candipuro", "TKSK, Kecamatan Candipuro"),
    DemoLogin("psm.sumberwuluh", "PSM, Desa Sumberwuluh"),
    DemoLogin("pensosmas.sumberwuluh", "Pensosmas, Desa Sumberwuluh"),
    DemoLogin("karangtaruna.sumberwuluh", "Karang Taruna, Desa Sumberwuluh"),
    DemoLogin("tagana.lumajang", "Tagana, Kabupaten Lumajang"),
    DemoLogin("koordinator.lumajang", "Koordinator, Kabupaten Lumajang"),
    DemoLogin("dinsos.lumajang", "Dinas Sosial, Kabupaten Lumajang"),
    DemoLogin("ppdp.lumajang", "Pejabat pelindungan data pribadi, Kabupaten Lumajang"),
    DemoLogin("kades.sumberwuluh", "Kepala Desa Sumberwuluh"),
    DemoLogin("admin", "Administrator"),
)
