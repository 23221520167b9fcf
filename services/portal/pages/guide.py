"""Bantuan: the six questions everybody asks of a referral, answered in a sentence each."""

from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.portal.rendering import page
from services.portal.routes import page_router
from services.portal.sessions import SignedIn

router = page_router()

ANSWERS: Final = (
    (
        "Bagaimana saya tahu ada rujukan untuk saya?",
        "Rujukan baru muncul di Tugas dan Kabar seketika, tanpa memuat ulang halaman.",
    ),
    (
        "Bagaimana pengirim tahu bahwa saya sudah tahu?",
        "Begitu Anda membukanya, pengirim melihat kapan rujukan dibuka dan oleh siapa diterima.",
    ),
    (
        "Apa yang boleh saya lihat sebelum menerima?",
        (
            "Kebutuhan, tempat, urgensi, dan tenggatnya. Kebutuhan rahasia hanya tampil bagi "
            "petugas yang disebut; setelah rujukan berakhir yang terlihat hanya statusnya."
        ),
    ),
    (
        "Berapa lama waktu saya?",
        (
            "Tiga tenggat tertulis di rujukan: menjawab, bertindak, selesai. Pada setengah dan "
            "sembilan persepuluh waktu Anda diingatkan; bila lewat, koordinator lalu Dinas Sosial "
            "diberi tahu, dan rujukan yang tidak dijawab dialihkan."
        ),
    ),
    (
        "Siapa yang boleh menggantikan saya?",
        (
            "Pengganti yang dicatat untuk masa berhalangan Anda, dan siapa pun yang ditunjuk "
            "koordinator lewat serah terima. Kebutuhan rahasia tetap pada petugas yang disebut."
        ),
    ),
    (
        "Bisakah rujukan ditarik kembali?",
        (
            "Pengirim dapat menariknya selama belum mulai ditangani, dan membatalkannya kapan saja "
            "sebelum berakhir, dengan alasan."
        ),
    ),
)


@router.get("/bantuan")
async def show(request: Request, visitor: SignedIn) -> Response:
    """The questions and their answers."""
    return await page(request, "guide.html", visitor, answers=ANSWERS)
