"""The overseas ranges against the library's metadata, prefix by prefix: it fails when the numbering plan moves."""

import re
from typing import Final

import pytest
from phonenumbers.phonemetadata import PhoneMetadata

from telephony.domain.law.places import own_zone, place_of
from telephony.domain.numbers.errors import NumberError
from telephony.domain.numbers.numbers import canonical

ZONES: Final = {
    "GP": "America/Guadeloupe",
    "GF": "America/Cayenne",
    "MQ": "America/Martinique",
    "RE": "Indian/Reunion",
    "YT": "Indian/Mayotte",
    "FR": "Europe/Paris",
}
KINDS: Final = ("fixed_line", "mobile", "voip", "personal_number")
pytestmark = pytest.mark.slow
ENDINGS: Final = [f"{first}{rest}" for first in range(10) for rest in ("0000", "1234", "4567", "9999")]
OWN_CODE: Final = re.compile("26[239]|59[046]|639|69[0-7]")
"""Prefixes with a country code of their own, which the library takes for valid +33 ones too."""


def regions(prefix: str) -> dict[str, list[str]]:
    """Return every region whose plan holds numbers that begin so, with some of them."""
    texts: dict[str, list[str]] = {}
    for region in ZONES:
        metadata = PhoneMetadata.metadata_for_region(region)
        patterns = [kind.national_number_pattern for name in KINDS if (kind := getattr(metadata, name)) is not None]
        numbers = [
            prefix + end
            for end in ENDINGS
            if any(pattern and re.fullmatch(pattern, prefix + end) for pattern in patterns)
        ]
        if numbers:
            texts[region] = numbers
    return texts


def zones_missing(prefix: str) -> set[str]:
    """Return zones the library knows a prefix in that need not allow a call to it."""
    missing: set[str] = set()
    for region, numbers in regions(prefix).items():
        if region == "FR" and (OWN_CODE.match(prefix) or prefix.startswith("709")):
            continue
        for national in numbers:
            number = canonical("0" + national)
            if ZONES[region] not in place_of(number).zones:
                missing.add(f"{prefix} {region} {number[:3]}")
    return missing


@pytest.mark.parametrize("first", ["2", "3", "5", "6", "7", "9"])
def test_every_zone_that_the_library_knows_a_prefix_in_must_allow_the_call(first: str) -> None:
    overseas = [f"{first}{rest:03d}" for rest in range(1000) if set(regions(f"{first}{rest:03d}")) - {"FR"}]
    assert {text for prefix in overseas for text in zones_missing(prefix)} == set()
    assert first == "3" or overseas


@pytest.mark.parametrize(
    ("text", "number", "zone"),
    [
        ("0709 0 1 23 45", "590709012345", "America/Guadeloupe"),
        ("0709 1 1 23 45", "596709112345", "America/Martinique"),
        ("0709 2 1 23 45", "262709212345", "Indian/Reunion"),
        ("0709 3 1 23 45", "594709312345", "America/Cayenne"),
        ("0976 30 12 34", "33976301234", "Indian/Reunion"),
        ("+262 976 30 12 34", "33976301234", "Indian/Reunion"),
        ("0947 9 1 23 45", "33947912345", "Indian/Reunion"),
        ("0939 5 1 23 45", "33939512345", "America/Guadeloupe"),
    ],
)
def test_ranges_that_france_shares_with_its_territories(text: str, number: str, zone: str) -> None:
    assert canonical(text) == number
    assert zone in place_of(canonical(text)).zones


def test_a_number_of_0709_that_nobody_was_given_is_refused() -> None:
    with pytest.raises(NumberError, match="no number begins this way"):
        canonical("0709 9 1 23 45")


@pytest.mark.parametrize(
    ("text", "named", "zone"),
    [
        ("0262 12 34 56", None, "Indian/Reunion"),
        ("01 99 00 41 27", None, "Europe/Paris"),
        ("01 99 00 41 27", "Indian/Reunion", "Indian/Reunion"),
        ("0976 30 12 34", None, "Europe/Paris"),
        ("0709 3 1 23 45", None, "America/Cayenne"),
    ],
)
def test_a_time_agreed_with_a_person_is_on_their_own_clock(text: str, named: str | None, zone: str) -> None:
    assert own_zone(canonical(text), named, "Europe/Paris") == zone
