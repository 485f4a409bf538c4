"""Record ids."""

import pytest

from tests.orgsim import ids

# Pairs that are published in the platform's own documentation.
KNOWN = ["001D000000IRFmaIAH", "00530000009M943AAC"]


@pytest.mark.parametrize("long_id", KNOWN)
def test_the_checksum_is_that_of_known_ids(long_id: str) -> None:
    assert ids.lengthen(long_id[:15]) == long_id


def test_letter_case_is_restored_from_the_checksum() -> None:
    known = KNOWN[0]
    assert ids.lengthen(known.lower()) == known
    assert ids.lengthen(known.upper()) == known


@pytest.mark.parametrize("text", ["", "x", "001D000000IRFm", "001D000000IRF-a", None, 7])
def test_anything_else_is_no_id(text: object) -> None:
    assert ids.lengthen(text) is None


def test_ids_of_one_kind_are_all_different() -> None:
    made = {ids.make("500", n) for n in range(5_000)}
    assert len(made) == 5_000
    assert {len(i) for i in made} == {18}
