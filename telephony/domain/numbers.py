"""Telephone numbers: the one canonical form, and the one function that makes it.

``canonical`` reads what stands in a list and returns E.164 without the plus, or refuses with a reason. It asks, in
this order: the numbers reserved for fiction, the overseas prefixes, the plain French plan, then phonenumberslite. The
first two come before the library because it calls 06 39 98 invalid and reads 0596 or 0269 as valid +33 numbers.
Whether a number may be dialled now (whitelist, hours, frequency) is left to ``rules``.

Sources: ARCEP numbering plan (fiction, overseas prefixes, special rates); ITU-T E.164 and its list of shared codes
(satellite, global services).
"""

import re
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from telephony.domain.reason import Reason, ReasonError
from telephony.ids import Number


class RejectReason(StrEnum):
    """Why a text is not a number that can be called, or a row of a list was not taken."""

    EMPTY = "empty"
    LETTERS = "letters"
    BAD_CHARACTER = "bad_character"
    SCIENTIFIC = "scientific_notation"
    DECIMAL = "decimal"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NINE_DIGITS = "nine_digits"
    EMERGENCY = "emergency"
    SHORT_NUMBER = "short_number"
    PREMIUM = "premium"
    SATELLITE = "satellite"
    UNKNOWN_PREFIX = "unknown_prefix"
    FOREIGN = "foreign_not_open"


SENTENCES: Final[dict[RejectReason, Reason]] = {
    RejectReason.EMPTY: Reason("number.empty"),
    RejectReason.LETTERS: Reason("number.letters"),
    RejectReason.BAD_CHARACTER: Reason("number.bad_character"),
    RejectReason.SCIENTIFIC: Reason("number.scientific"),
    RejectReason.DECIMAL: Reason("number.decimal"),
    RejectReason.TOO_SHORT: Reason("number.too_short"),
    RejectReason.TOO_LONG: Reason("number.too_long"),
    RejectReason.NINE_DIGITS: Reason("number.nine_digits"),
    RejectReason.EMERGENCY: Reason("number.emergency"),
    RejectReason.SHORT_NUMBER: Reason("number.short_number"),
    RejectReason.PREMIUM: Reason("number.premium"),
    RejectReason.SATELLITE: Reason("number.satellite"),
    RejectReason.UNKNOWN_PREFIX: Reason("number.unknown_prefix"),
    RejectReason.FOREIGN: Reason("number.foreign"),
}


class NumberError(ReasonError):
    """A text is not a number that can be called.

    Attributes:
        reason: why; the message is its sentence and never holds the number.
    """

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


_SEPARATORS: Final = dict.fromkeys(map(ord, " .-/()\u00a0\u202f"))
_TEXT_LIMIT: Final = 40
"""Characters; the longest number with every pair separated has fewer."""
_PLAIN: Final = re.compile(r"\+?[0-9]+")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+")
_DECIMAL: Final = re.compile(
    r"\+?[0-9]{4,}[.,][0-9]|\+?[1-9][0-9]{3,}[.,][0-9]+|[.,][0-9]+"
    r"|[1-9][0-9]{0,2}(?:[ \u00a0\u202f][0-9]{3})+[.,][0-9]{1,2}"  # thousands apart, as in an amount
)
_TWO_NUMBERS: Final = re.compile(r"(?:[^/0-9]*[0-9]){6,}[^/0-9]*/(?:[^/0-9]*[0-9]){6,}[^/0-9]*")
"""One slash between six digits and six: two short numbers in one cell, which together may look like one."""
_BEGINNING: Final = re.compile(r"[0-9+]|\((?![1-9][^()]*\)$)")
"""A minus, or brackets around all of it, make a spreadsheet's negative amount of it, not a number."""

FICTION: Final = ("19900", "26191", "35301", "46571", "53649", "63998")
"""National prefixes, without the 0, kept for films, books and tests: never given to anyone."""
_OVERSEAS: Final[dict[str, str]] = {
    **dict.fromkeys(("262", "263", "692", "693", "269", "639"), "262"),
    **dict.fromkeys(("590", "690", "691"), "590"),
    **dict.fromkeys(("594", "694"), "594"),
    **dict.fromkeys(("596", "696", "697"), "596"),
}
"""First three digits after the 0 -> country code (Réunion and Mayotte, Guadeloupe, Guyane, Martinique)."""
_OVERSEAS_MOBILES: Final = {"7090": "590", "7091": "596", "7092": "262", "7093": "594"}
"""The same for 0709, the mobile range all of them share."""
_SHARED: Final = {"2688": "262", "2689": "262", "5987": "590", "5988": "594", "5989": "596"}
"""Ranges of all of France that are given out overseas too: +33 is their one form, the overseas code another writing."""
_OVERSEAS_CODES: Final = tuple(sorted(set(_OVERSEAS.values())))
_MANY_CODES: Final = re.compile(
    f"(?:33|{'|'.join(_OVERSEAS_CODES)})(?=[0-9]{{9}}$)"
    f"((?:9|{'|'.join((*_OVERSEAS, *_OVERSEAS_MOBILES, *_SHARED))})[0-9]+)"
)
"""Numbers of France that are written with more codes than one."""
_FAST: Final = re.compile(r"(?:[123569][0-9]|4[1-9]|7[3-9])[0-9]{7}")
"""The plain French plan, which needs no library: a subset of what the library calls valid (a test compares them)."""
_SAINT_PIERRE: Final = "508"
"""Dialled 0508 within France too; the library reads that as a valid +33 number."""
_SMALL: Final = {_SAINT_PIERRE: 6, "681": 6, "687": 6, "689": 8}
"""Country code -> digits after it (Saint-Pierre-et-Miquelon, Wallis-et-Futuna, Nouvelle-Calédonie, Polynésie)."""
_GLOBAL_CODES: Final = ("870", "878", "881", "882", "883", "888", "800", "808", "979")
"""Codes that belong to no country: satellite, global freephone, global premium."""
_EMERGENCY: Final = frozenset(
    {"15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "116000", "116006", "116111", "116117"}
)
_SHORT: Final = re.compile(r"1[0-9]{1,2}|[13][0-9]{3}|11[68][0-9]{3}")
_CALLABLE: Final = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)


def canonical(text: str, region: str = "FR", *, is_named: bool = True) -> Number:
    """Return the canonical form of the number written in ``text``.

    Reads national and international writing (``+33``, ``0033``, ``33``, ``+33 (0)1``), separators space, ``.``, ``-``,
    ``/``, brackets and no-break spaces, and French numbers that lost their leading 0 in a spreadsheet. Applied to its
    own result it returns the same, but for +681 and +687: nine digits alone are a French number without its 0.

    Args:
        text: as it stands in the list.
        region: ISO 3166 code of the country whose national writing is understood and whose numbers are open.
        is_named: whether something beside it says that it is a telephone number, such as its column's header; if not,
            nine digits or fewer are none, since a customer's number looks the same.

    Raises:
        NumberError: it is not a number that can be called; ``reason`` says why.
    """
    digits = _digits(text)
    if not is_named and len(digits) <= 9 and digits[0] not in "+0" and not _is_never_called(digits):
        raise NumberError(RejectReason.NINE_DIGITS if len(digits) == 9 else RejectReason.TOO_SHORT)
    if region != "FR":
        return _by_library(digits, region)
    if digits.startswith("+"):
        return _international(digits[1:])
    if digits.startswith("00"):
        return _international(digits[2:])
    if len(digits) == 10 and digits[0] == "0":
        return _french(digits[1:])
    if len(digits) == 9 and digits[0] != "0":
        return _french(digits)
    if len(digits) in {11, 12, 13} and digits.startswith(("33", *_OVERSEAS_CODES, "689")):
        return _international(digits)
    raise NumberError(_why_not_national(digits))


def forms(number: Number) -> tuple[Number, ...]:
    """Return ``number`` and what else it is written as, E.164 without plus: with each code that its range goes by.

    Numbers overseas are written with +33 too, and those of all of France with an overseas code; earlier versions kept
    some of the second as they were written.
    """
    found = _MANY_CODES.fullmatch(number)
    if found is None or found[1].startswith(FICTION):
        return (number,)
    national = found[1]
    own = _overseas_code(national) or _SHARED.get(national[:4])
    codes = ("33", *_OVERSEAS_CODES) if national[0] == "9" else ("33", own) if own else ()
    return tuple(dict.fromkeys((number, *(Number(one + national) for one in codes))))


def _is_never_called(digits: str) -> bool:
    return digits in _EMERGENCY or _SHORT.fullmatch(digits) is not None


def display(number: Number) -> str:
    """Return ``number`` as people read it: ``01 99 00 41 27``, or ``+`` and digits for a country without pairs."""
    for code in ("33", *_OVERSEAS_CODES):
        if number.startswith(code) and len(number) == len(code) + 9:
            return _pairs("0" + number[len(code) :])
    return "+" + number


def masked(number: Number) -> str:
    """Return only what may be shown to everyone: ``…41 27``."""
    return "…" + _pairs(number[-4:])


def _pairs(digits: str) -> str:
    return " ".join(digits[index : index + 2] for index in range(0, len(digits), 2))


def _digits(text: str) -> str:
    """Return the ASCII digits of ``text``, with a leading plus when it has one."""
    text = text.strip()
    if len(text) > _TEXT_LIMIT:
        raise NumberError(RejectReason.TOO_LONG)
    digits = text.translate(_SEPARATORS)
    if _PLAIN.fullmatch(digits) and _BEGINNING.match(text) and not _DECIMAL.fullmatch(text):
        if _TWO_NUMBERS.fullmatch(text):
            raise NumberError(RejectReason.TOO_LONG)
        return digits
    if not digits or digits == "+":
        raise NumberError(RejectReason.EMPTY)
    if _SCIENTIFIC.fullmatch(text):
        raise NumberError(RejectReason.SCIENTIFIC)
    if _DECIMAL.fullmatch(text):
        raise NumberError(RejectReason.DECIMAL)
    has_letters = any(character.isalpha() for character in digits)
    raise NumberError(RejectReason.LETTERS if has_letters else RejectReason.BAD_CHARACTER)


def _french(national: str) -> Number:
    """Judge the nine digits after the 0."""
    if national.startswith(FICTION):
        return Number("33" + national)
    if code := _overseas_code(national):
        return Number(code + national)
    if national.startswith(_SAINT_PIERRE):
        return _small(national)
    if _FAST.fullmatch(national):
        return Number("33" + national)
    if national.startswith("8"):
        raise NumberError(RejectReason.PREMIUM)
    return _valid(33, national)


def _international(digits: str) -> Number:
    """Judge digits that begin with a country code."""
    if digits.startswith("33"):
        national = _national_part(digits, "33")
        if len(national) > 9:
            raise NumberError(RejectReason.TOO_LONG)
        if len(national) < 9 or national[0] == "0":
            raise NumberError(_why_not_national(national))
        return _french(national)
    for code in _OVERSEAS_CODES:
        if digits.startswith(code):
            return _overseas(_national_part(digits, code), code)
    if digits.startswith(tuple(_SMALL)):
        return _small(digits)
    if digits.startswith(_GLOBAL_CODES):
        raise NumberError(RejectReason.SATELLITE)
    raise NumberError(_why_not_foreign(digits))


def _national_part(digits: str, code: str) -> str:
    """Return what follows the country code, without the 0 that ``+33 (0)1`` carries."""
    national = digits.removeprefix(code)
    return national[1:] if len(national) == 10 and national[0] == "0" else national


def _overseas_code(national: str) -> str:
    """Return the country code of nine digits that belong overseas, or ""."""
    return _OVERSEAS.get(national[:3]) or _OVERSEAS_MOBILES.get(national[:4], "")


def _overseas(national: str, code: str) -> Number:
    if len(national) == 9 and _overseas_code(national) == code:
        return Number(code + national)
    if len(national) == 9 and national.startswith("9"):
        return _valid(33, national)
    if national.startswith("8"):
        raise NumberError(RejectReason.PREMIUM)
    _valid(int(code), national)
    return _french(national)  # of all of France: one person has one number, whatever code it is written with


def _small(digits: str) -> Number:
    """Judge a number of a territory with a short plan of its own, country code first."""
    code, national = digits[:3], digits[3:]
    if len(national) != _SMALL[code]:
        raise NumberError(RejectReason.TOO_SHORT if len(national) < _SMALL[code] else RejectReason.TOO_LONG)
    return _valid(int(code), national)


def _valid(code: int, national: str) -> Number:
    """Ask the library about a number of a known country."""
    if not national or national[0] == "0":
        raise NumberError(RejectReason.UNKNOWN_PREFIX if national else RejectReason.TOO_SHORT)
    return _judged(PhoneNumber(country_code=code, national_number=int(national)))


def _judged(parsed: PhoneNumber) -> Number:
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        raise NumberError(RejectReason.TOO_LONG)
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        raise NumberError(RejectReason.TOO_SHORT)
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        raise NumberError(RejectReason.UNKNOWN_PREFIX)
    if kind not in _CALLABLE:
        raise NumberError(RejectReason.PREMIUM)
    digits = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")
    if len(digits) > 15:  # the library knows some that E.164 does not allow, in Germany
        raise NumberError(RejectReason.TOO_LONG)
    if len(digits) < 6:
        raise NumberError(RejectReason.TOO_SHORT)
    return Number(digits)


def _by_library(digits: str, region: str) -> Number:
    """Judge a number where another country's writing is understood."""
    code = phonenumbers.country_code_for_region(region)
    if digits.startswith(str(code)):
        as_is = PhoneNumber(country_code=code, national_number=int(digits.removeprefix(str(code)) or "0"))
        if phonenumbers.is_valid_number(as_is):
            return _judged(as_is)
    if digits in _EMERGENCY or (len(digits) <= 6 and not digits.startswith("+")):
        raise NumberError(_why_not_national(digits))
    try:
        parsed = phonenumbers.parse(digits, region)
    except NumberParseException as error:
        raise NumberError(_PARSE_REASONS.get(error.error_type, RejectReason.UNKNOWN_PREFIX)) from None
    if parsed.country_code != code:
        satellite = str(parsed.country_code) in _GLOBAL_CODES
        raise NumberError(RejectReason.SATELLITE if satellite else RejectReason.FOREIGN)
    return _judged(parsed)


_PARSE_REASONS: Final[dict[int, RejectReason]] = {
    NumberParseException.TOO_LONG: RejectReason.TOO_LONG,
    NumberParseException.TOO_SHORT_NSN: RejectReason.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: RejectReason.TOO_SHORT,
    NumberParseException.NOT_A_NUMBER: RejectReason.TOO_SHORT,
}


def _why_not_national(digits: str) -> RejectReason:
    """Name what is wrong with digits that have no national number's length."""
    if digits in _EMERGENCY:
        return RejectReason.EMERGENCY
    if _SHORT.fullmatch(digits):
        return RejectReason.SHORT_NUMBER
    if len(digits) < 9 or (len(digits) == 9 and digits[0] == "0"):
        return RejectReason.TOO_SHORT
    return RejectReason.UNKNOWN_PREFIX if len(digits) == 10 else RejectReason.TOO_LONG


def _why_not_foreign(digits: str) -> RejectReason:
    """Name what is wrong with digits that begin with another country's code."""
    if len(digits) < 6:
        return RejectReason.TOO_SHORT
    if len(digits) > 15:
        return RejectReason.TOO_LONG
    is_known = any(int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for size in (1, 2, 3))
    return RejectReason.FOREIGN if is_known and digits[0] != "0" else RejectReason.UNKNOWN_PREFIX
