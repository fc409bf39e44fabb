"""Telephone numbers: the canonical form, and the one function that makes it.

``canonical`` reads a number from a list and returns E.164 without the plus, or refuses with a reason. It checks, in
this order: the numbers reserved for fiction, the overseas prefixes, the plain French plan, then phonenumberslite. The
first two come before the library because it calls 06 39 98 invalid and reads 0596 or 0269 as valid +33 numbers.
Whether a number may be dialled now (whitelist, hours, frequency) is left to ``rules``.

The ranges, with their sources, are rows of ``numbering_plan``; ``writing`` extracts the digits from the text,
``errors`` has the reasons.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from telephony.domain.numbers.errors import NumberError, RejectReason
from telephony.domain.numbers.numbering_plan import PLAN, prefixes
from telephony.domain.numbers.ranges import NumberKind, Use
from telephony.domain.numbers.writing import digits_of
from telephony.ids import Number

FICTION: Final = tuple(prefix.removeprefix("33") for prefix in prefixes(Use.FICTION))
"""National prefixes, without the 0, reserved for films, books and tests: never assigned."""
_OVERSEAS_ROWS: Final = [row for row in PLAN if row.kind is NumberKind.OVERSEAS and row.use is Use.SUBSCRIBERS]
_COUNTRIES: Final = {row.prefix: row.length - len(row.prefix) for row in _OVERSEAS_ROWS if row.length}
"""Country code overseas -> digits after it."""
_OVERSEAS: Final = {row.prefix[3:]: row.prefix[:3] for row in _OVERSEAS_ROWS if not row.length}
"""First three or four digits after the 0 -> country code (Réunion and Mayotte, Guadeloupe, Guyane, Martinique)."""
_OVERSEAS_CODES: Final = tuple(code for code, length in _COUNTRIES.items() if length == 9)
_SMALL: Final = {code: length for code, length in _COUNTRIES.items() if length != 9}
"""The same for territories with their own short numbering plan."""
_LONG_CODES: Final = ("33", *(code for code, length in _COUNTRIES.items() if length > 6))
"""Codes understood without + or 00: the whole number has more digits than a French one."""
_SAINT_PIERRE: Final = "508"
"""Also dialled as 0508 within France; the library reads that as a valid +33 number."""
_CODES_BY_ZONES: Final = {("Europe/Paris", *row.zones): row.prefix[:3] for row in _OVERSEAS_ROWS}
_SHARED: Final = {
    row.prefix.removeprefix("33"): _CODES_BY_ZONES[row.zones]
    for row in PLAN
    if row.use is Use.SHARED and row.kind is NumberKind.LANDLINE
}
"""Ranges of all of France also assigned overseas: +33 is canonical, the overseas code is another written form."""
_MANY_CODES: Final = re.compile(
    f"(?:33|{'|'.join(_OVERSEAS_CODES)})(?=[0-9]{{9}}$)((?:9|{'|'.join((*_OVERSEAS, *_SHARED))})[0-9]+)"
)
"""French numbers that are written with several codes: those of 09 with any of them."""


def _national(use: Use) -> str:
    """Return a pattern for what follows +33 in the ranges of one use."""
    rows = (prefix for prefix in prefixes(use) if prefix.startswith("33") and prefix != "33")
    return f"(?:{'|'.join(prefix.removeprefix('33') for prefix in rows)})"


_FAST: Final = re.compile(f"(?!{_national(Use.PARTIAL)})(?=[0-9]{{9}}$){_national(Use.SUBSCRIBERS)}[0-9]+")
"""The plain French plan, checked without the library: a subset of its valid numbers (a test compares them)."""
_SPECIAL_RATES: Final = re.compile(_national(Use.SPECIAL_RATE))
_GLOBAL_CODES: Final = prefixes(Use.GLOBAL)
_EMERGENCY: Final = frozenset(prefix.removeprefix("33") for prefix in prefixes(Use.EMERGENCY))
_SHORT: Final = re.compile(
    "|".join(
        f"(?=[0-9]{{{row.length - 2}}}$){row.prefix.removeprefix('33')}[0-9]+"
        for row in PLAN
        if row.use is Use.SHORT and row.length
    )
)
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

    Reads national and international forms (``+33``, ``0033``, ``33``, ``+33 (0)1``), separators space, ``.``, ``-``,
    ``/``, brackets and no-break spaces, and French numbers that lost their leading 0 in a spreadsheet. Applied to its
    own result it returns the same, except for +681 and +687: nine digits alone are a French number without its 0.

    Args:
        text: as in the list.
        region: ISO 3166 code of the country whose national form is understood and whose numbers are open.
        is_named: whether its context, such as the column's header, says that it is a telephone number; if not, nine
            digits or fewer are not a number, since a customer number looks the same.

    Raises:
        NumberError: it is not a number that can be called; ``reason`` says why.
    """
    digits = digits_of(text)
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
    if len(digits) in {11, 12, 13} and digits.startswith(_LONG_CODES):
        return _international(digits)
    raise NumberError(_why_not_national(digits))


def forms(number: Number) -> tuple[Number, ...]:
    """Return ``number`` and its other written forms, E.164 without plus: with each code that its range is used with.

    Overseas numbers are also written with +33, and those of all of France with an overseas code; earlier versions
    stored some of the latter as written.
    """
    written = _MANY_CODES.fullmatch(number)
    if written is None or written[1].startswith(FICTION):
        return (number,)
    national = written[1]
    own = _overseas_code(national) or _SHARED.get(national[:4])
    codes = ("33", *_OVERSEAS_CODES) if national[0] == "9" else ("33", own) if own else ()
    return tuple(dict.fromkeys((number, *(Number(code + national) for code in codes))))


def _is_never_called(digits: str) -> bool:
    return digits in _EMERGENCY or _SHORT.fullmatch(digits) is not None


def display(number: Number) -> str:
    """Return ``number`` for display: ``01 99 00 41 27``, or ``+`` and digits for a country without pairs."""
    for code in ("33", *_OVERSEAS_CODES):
        if number.startswith(code) and len(number) == len(code) + 9:
            return _pairs("0" + number[len(code) :])
    return "+" + number


def masked(number: Number) -> str:
    """Return the part that may be shown to everyone: ``…41 27``."""
    return "…" + _pairs(number[-4:])


def _pairs(digits: str) -> str:
    return " ".join(digits[index : index + 2] for index in range(0, len(digits), 2))


def _french(national: str) -> Number:
    """Return the number of the nine digits after the 0."""
    if national.startswith(FICTION):
        return Number("33" + national)
    if code := _overseas_code(national):
        return Number(code + national)
    if national.startswith(_SAINT_PIERRE):
        return _small(national)
    if _FAST.fullmatch(national):
        return Number("33" + national)
    if _SPECIAL_RATES.match(national):
        raise NumberError(RejectReason.PREMIUM)
    return _valid(33, national)


def _international(digits: str) -> Number:
    """Return the number of digits that begin with a country code."""
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
    """Return what follows the country code, without the 0 of ``+33 (0)1``."""
    national = digits.removeprefix(code)
    return national[1:] if len(national) == 10 and national[0] == "0" else national


def _overseas_code(national: str) -> str | None:
    """Return the country code of nine digits that belong overseas, None for all others."""
    return _OVERSEAS.get(national[:3]) or _OVERSEAS.get(national[:4])


def _overseas(national: str, code: str) -> Number:
    if len(national) == 9 and _overseas_code(national) == code:
        return Number(code + national)
    if len(national) == 9 and national.startswith("9"):
        return _valid(33, national)
    if _SPECIAL_RATES.match(national):
        raise NumberError(RejectReason.PREMIUM)
    _valid(int(code), national)
    return _french(national)  # a range of all of France: one number, whatever code it is written with


def _small(digits: str) -> Number:
    """Return the number of a territory with its own short plan, country code first."""
    code, national = digits[:3], digits[3:]
    if len(national) != _SMALL[code]:
        raise NumberError(RejectReason.TOO_SHORT if len(national) < _SMALL[code] else RejectReason.TOO_LONG)
    return _valid(int(code), national)


def _valid(code: int, national: str) -> Number:
    """Return a number of a known country, checked by the library."""
    if not national or national[0] == "0":
        raise NumberError(RejectReason.UNKNOWN_PREFIX if national else RejectReason.TOO_SHORT)
    return _checked(PhoneNumber(country_code=code, national_number=int(national)))


def _checked(parsed: PhoneNumber) -> Number:
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
    """Return the number where another country's national form is understood."""
    code = phonenumbers.country_code_for_region(region)
    if digits.startswith(str(code)):
        as_is = PhoneNumber(country_code=code, national_number=int(digits.removeprefix(str(code)) or "0"))
        if phonenumbers.is_valid_number(as_is):
            return _checked(as_is)
    if digits in _EMERGENCY or (len(digits) <= 6 and not digits.startswith("+")):
        raise NumberError(_why_not_national(digits))
    try:
        parsed = phonenumbers.parse(digits, region)
    except NumberParseException as error:
        raise NumberError(_PARSE_REASONS.get(error.error_type, RejectReason.UNKNOWN_PREFIX)) from None
    if parsed.country_code != code:
        satellite = str(parsed.country_code) in _GLOBAL_CODES
        raise NumberError(RejectReason.SATELLITE if satellite else RejectReason.FOREIGN)
    return _checked(parsed)


_PARSE_REASONS: Final[dict[int, RejectReason]] = {
    NumberParseException.TOO_LONG: RejectReason.TOO_LONG,
    NumberParseException.TOO_SHORT_NSN: RejectReason.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: RejectReason.TOO_SHORT,
    NumberParseException.NOT_A_NUMBER: RejectReason.TOO_SHORT,
}


def _why_not_national(digits: str) -> RejectReason:
    """Return what is wrong with digits that do not have a national number's length."""
    if digits in _EMERGENCY:
        return RejectReason.EMERGENCY
    if _SHORT.fullmatch(digits):
        return RejectReason.SHORT_NUMBER
    if len(digits) < 9 or (len(digits) == 9 and digits[0] == "0"):
        return RejectReason.TOO_SHORT
    return RejectReason.UNKNOWN_PREFIX if len(digits) == 10 else RejectReason.TOO_LONG


def _why_not_foreign(digits: str) -> RejectReason:
    """Return what is wrong with digits that begin with another country's code."""
    if len(digits) < 6:
        return RejectReason.TOO_SHORT
    if len(digits) > 15:
        return RejectReason.TOO_LONG
    is_known = any(int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for size in (1, 2, 3))
    return RejectReason.FOREIGN if is_known and digits[0] != "0" else RejectReason.UNKNOWN_PREFIX
