"""What a referral can end with beside its outcome: the service the person was given.

The components of social rehabilitation assistance (Permensos 7/2021), and what the pillars do
besides. Other systems may name a service by a code of their own.
"""

from collections.abc import Mapping
from typing import Final

SERVICES_GIVEN: Final[Mapping[str, tuple[str, str]]] = {
    "PENDAMPINGAN": ("Pendampingan sosial", "Social accompaniment"),
    "KEBUTUHAN_DASAR": ("Pemenuhan kebutuhan hidup layak", "Basic needs"),
    "PERAWATAN_PENGASUHAN": ("Perawatan sosial atau pengasuhan anak", "Social or child care"),
    "DUKUNGAN_KELUARGA": ("Dukungan keluarga", "Family support"),
    "TERAPI_FISIK": ("Terapi fisik", "Physical therapy"),
    "TERAPI_PSIKOSOSIAL": ("Terapi psikososial", "Psychosocial therapy"),
    "TERAPI_MENTAL_SPIRITUAL": ("Terapi mental spiritual", "Mental and spiritual therapy"),
    "PELATIHAN": ("Pelatihan vokasional atau kewirausahaan", "Vocational or business training"),
    "BANTUAN_SOSIAL": ("Bantuan dan asistensi sosial", "Social aid and assistance"),
    "AKSESIBILITAS": ("Dukungan aksesibilitas", "Accessibility support"),
    "EVAKUASI": ("Evakuasi dan hunian sementara", "Evacuation and temporary shelter"),
    "DOKUMEN_KEPENDUDUKAN": ("Pengurusan dokumen kependudukan", "Identity documents"),
    "BANTUAN_HUKUM": ("Advokasi dan bantuan hukum", "Advocacy and legal aid"),
    "MEDIASI": ("Mediasi", "Mediation"),
}
"""By code the label, and the label in English."""
