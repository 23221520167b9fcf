"""The one spelling of Indonesian names."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.registry.domain.sounds import sound_of, sounds_of
from shared.reference.name_words import COMMON, COMMON_SOUNDS, TITLES

LETTERS = "abcdefghijklmnopqrstuvwxyz"
words = st.text(LETTERS, min_size=1, max_size=12)
anything = st.text(max_size=40)
pieces = st.sampled_from(
    ["oe", "dj", "tj", "j", "sj", "kh", "iy", "ie", "h", "x", "z", "abdu", "nur", "siti", "muh",
     "als", "alias", "haji", "bin", "st", "ll", "th", "12", " ", ".", "é", "ß", "İ", "ﷺ"]
)  # fmt: skip
made_up = st.lists(pieces, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soekarno", "Sukarno"),
        ("Djoko Tjahjono", "Joko Cahyono"),
        ("Moh. Jusuf", "Muhammad Yusuf"),
        ("Muh Yusuf", "Mochamad Yusup"),
        ("Achmad Chusnul", "Ahmad Khusnul"),
        ("St. Aminah", "Siti Aminah"),
        ("Hj. Siti Aminah, S.Pd.", "Siti Aminah"),
        ("Nurhayati", "Noer Hajati"),
        ("Abdurrahman", "Abd. Rahman"),
        ("Abdullah bin Umar", "Abdulloh Umar".replace("loh", "lah")),
        ("Syaiful", "Saiful"),
        ("Fathonah", "Fatona"),
        ("Zulkifli", "Sulkipli"),
        ("Muhammmad", "Muhammad"),
        ("Sukarno alias Karno", "Sukarno"),
        ("Ibu Wagiyem", "WAGIYEM"),
        ("Sukiyem", "Sukiem"),
        ("Ngatijem", "Ngatiem"),
        ("Keluarga Slamet", "Slamet"),
        ("Síti Zaenab", "siti zaenab"),
    ],
)
def test_two_spellings_of_one_name_sound_the_same(one: str, other: str) -> None:
    assert sounds_of(one) == sounds_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siti Aminah", "Siti Zaenab"),
        ("Rina", "Rini"),
        ("Sutrisno", "Sutikno"),
        ("Kelompok 2", "Kelompok 3"),
        ("Kelompok 1", "Kelompok 11"),
    ],
)
def test_two_names_do_not_sound_the_same(one: str, other: str) -> None:
    assert sounds_of(one) != sounds_of(other)


def test_a_name_of_titles_alone_keeps_them() -> None:
    assert sounds_of("Drs. H.") == ("drs", "h")
    assert sounds_of("Alias") == ("alias",)
    assert sounds_of("—") == ()


@given(words)
def test_the_spelling_of_a_word_is_its_own(word: str) -> None:
    assert sound_of(sound_of(word)) == sound_of(word)


@example("\N{MATHEMATICAL SANS-SERIF BOLD ITALIC CAPITAL A}")
@given(st.one_of(anything, made_up))
def test_any_text_has_a_spelling_and_that_is_its_own(text: str) -> None:
    sounds = sounds_of(text)
    assert sounds_of(" ".join(sounds)) == sounds
    assert all(sounds)


@given(st.one_of(anything, made_up))
def test_case_and_titles_do_not_matter(text: str) -> None:
    assert sounds_of(text.upper().lower()) == sounds_of(text.lower())


@given(
    words.filter(
        lambda word: word not in TITLES and word not in {"alias", "als", "aka", "panggilan"}
    )
)
def test_a_title_before_a_name_does_not_matter(word: str) -> None:
    if set(sounds_of(word)) & TITLES:
        return
    assert sounds_of(f"Hj. {word}") == sounds_of(word)


def test_the_spelling_of_a_common_name_is_its_own() -> None:
    assert {COMMON_SOUNDS.get(word, word) for word in COMMON} == COMMON
    assert all(sound_of(word) == word for word in COMMON)
    assert not COMMON & TITLES
