import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.storage.field_encryption import INDEX_BYTES, NikVault, Undecipherable

OLD, NEW, INDEX = (secrets.token_bytes(32) for _ in range(3))
vault = NikVault({1: OLD}, {1: INDEX})
rotated = NikVault({1: OLD, 2: NEW}, {1: INDEX})
niks = st.text("0123456789", min_size=16, max_size=16)


@given(niks, st.uuids())
def test_what_was_sealed_opens_again(nik: str, row: uuid.UUID) -> None:
    sealed = vault.seal(nik, row)
    assert vault.open(sealed, row) == nik
    assert nik.encode() not in sealed


@given(niks, st.uuids(), st.uuids())
def test_bytes_copied_to_another_row_do_not_open(
    nik: str, row: uuid.UUID, other: uuid.UUID
) -> None:
    if row != other:
        with pytest.raises(Undecipherable):
            vault.open(vault.seal(nik, row), other)


@given(niks, st.uuids(), st.data())
def test_a_single_changed_bit_does_not_open(nik: str, row: uuid.UUID, data: st.DataObject) -> None:
    sealed = bytearray(vault.seal(nik, row))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Undecipherable):
        vault.open(bytes(sealed), row)


@given(st.binary(max_size=60), st.uuids())
def test_foreign_bytes_are_refused_without_another_fault(junk: bytes, row: uuid.UUID) -> None:
    with pytest.raises(Undecipherable):
        vault.open(junk, row)


def test_sealing_twice_gives_different_bytes() -> None:
    row = uuid.uuid4()
    assert vault.seal("3508035203540001", row) != vault.seal("3508035203540001", row)


def test_after_a_rotation_the_newest_key_seals_and_the_old_one_still_opens() -> None:
    row, nik = uuid.uuid4(), "3508035203540001"
    before = vault.seal(nik, row)
    after = rotated.seal(nik, row)
    assert (before[0], after[0]) == (1, 2)
    assert rotated.open(before, row) == rotated.open(after, row) == nik


def test_a_key_version_that_is_gone_is_named_without_the_content() -> None:
    row = uuid.uuid4()
    sealed = rotated.seal("3508035203540001", row)
    with pytest.raises(Undecipherable, match="unknown key version"):
        vault.open(sealed, row)


@given(niks, niks)
def test_the_blind_index_is_equal_exactly_for_equal_digits(one: str, other: str) -> None:
    assert (vault.index(one) == vault.index(other)) == (one == other)
    assert len(vault.index(one)) == INDEX_BYTES


@given(niks)
def test_the_blind_index_hangs_on_its_own_key_and_not_on_the_encryption_keys(nik: str) -> None:
    assert vault.index(nik) == rotated.index(nik)
    assert vault.index(nik) != NikVault({1: OLD}, {1: NEW}).index(nik)


@given(niks)
def test_while_index_keys_change_a_number_is_found_under_both(nik: str) -> None:
    before, during, after = (
        NikVault({1: OLD}, keys) for keys in ({1: INDEX}, {1: INDEX, 2: NEW}, {2: NEW})
    )
    assert during.indexes(nik) == [after.index(nik), before.index(nik)]
    assert during.kk_indexes(nik) == after.kk_indexes(nik) + before.kk_indexes(nik)
    assert set(during.indexes(nik)).isdisjoint(during.kk_indexes(nik))


def test_a_card_is_not_opened_as_a_nik() -> None:
    row = uuid.uuid4()
    assert vault.open_kk(vault.seal_kk("3508031203120007", row), row) == "3508031203120007"
    with pytest.raises(Undecipherable):
        vault.open(vault.seal_kk("3508031203120007", row), row)
