"""The numbering plan as one table: what each range of numbers is, where it belongs and whether calls to it are open.

Numbers, places, kinds of number and the rules of a new site are computed from ``PLAN``; a range is entered only here.
Which parts of a range are assigned today is left to phonenumberslite (``numbers``), which law applies at which time to
``law``, and what a site opens or closes afterwards to its whitelist.

Sources: ARCEP, numbering plan (décision 2018-0881 as amended): emergency and short numbers, special rates, overseas
prefixes, numbers for fiction, ranges assigned both in France and overseas; ITU-T E.164: country and shared codes;
NANPA: area codes; IANA: time zones.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Generic, TypeVar

from telephony.domain.numbers.ranges import E164, Jurisdiction, NumberKind, Overseas, Range, Use
from telephony.ids import Number

_NANPA: Final = "NANPA area codes"
Value = TypeVar("Value")

_PARIS: Final = "Europe/Paris"
_REUNION: Final = "Indian/Reunion"
_MAYOTTE: Final = "Indian/Mayotte"
_GUADELOUPE: Final = "America/Guadeloupe"
_GUYANE: Final = "America/Cayenne"
_MARTINIQUE: Final = "America/Martinique"
_POLYNESIE: Final = ("Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier")
_STATES: Final = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
)
"""Numbers are ported between states: a number of any state may ring in each of these zones."""
_NANP_WITHOUT_TABLE: Final = (
    # Canada
    "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 468 474 506 "
    "514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 "
    "942 "
    # the Caribbean and Bermuda
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876"
)


_LANDLINE: Final = NumberKind.LANDLINE
_ANYWHERE: Final = NumberKind.NON_GEOGRAPHIC
_FICTION_LANDLINES: Final = ("19900", "26191", "35301", "46571", "53649")
_EMERGENCY: Final = ("15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "116000", "116117")


def _country(prefix: str, name: str, length: int, territory: Overseas, *zones: str) -> Range:
    """Return the range of a French overseas country code, open on a new site."""
    kind = NumberKind.OVERSEAS
    return Range(prefix, name, kind, length=length, is_open=True, territory=territory, zones=zones)


def _france(prefix: str, name: str, kind: NumberKind, use: Use = Use.SUBSCRIBERS) -> Range:
    return Range(prefix, name, kind, use, zones=(_PARIS,))


def _overseas(territory: Overseas | None, zones: tuple[str, ...], *prefixes: str) -> tuple[Range, ...]:
    """Return ranges with their own country code: its three digits, then those dialled after the 0."""
    kind = NumberKind.OVERSEAS
    return tuple(Range(prefix, f"0{prefix[3:]}", kind, territory=territory, zones=zones) for prefix in prefixes)


def _shared(kind: NumberKind, zones: tuple[str, ...], *prefixes: str) -> tuple[Range, ...]:
    """Return ranges of all of France that are also assigned overseas: every zone must allow the call."""
    name = "in France and overseas"
    return tuple(Range(prefix, name, kind, Use.SHARED, zones=(_PARIS, *zones)) for prefix in prefixes)


def _premium(prefix: str, name: str, kind: NumberKind, territory: Overseas | None, zone: str) -> Range:
    return Range(prefix, name, kind, Use.SPECIAL_RATE, is_open=False, territory=territory, zones=(zone,))


def _short(prefix: str, length: int, name: str, *, is_open: bool | None = False) -> Range:
    return Range(prefix, name, NumberKind.NON_GEOGRAPHIC, Use.SHORT, length, is_open)


def _global(prefix: str, name: str) -> Range:
    return Range(prefix, name, NumberKind.FOREIGN, Use.GLOBAL, is_open=False, law=None, source=E164)


def _emergency(number: str, shipped: str = "2026-11") -> Range:
    row = Range(f"33{number}", f"emergency number {number}", _ANYWHERE, Use.EMERGENCY, is_open=False)
    return replace(row, shipped=shipped)


def _abroad(prefix: str, name: str, law: Jurisdiction | None, *zones: str, source: str = _NANPA) -> Range:
    return Range(prefix, name, NumberKind.FOREIGN, law=law, zones=zones, source=source)


PLAN: Final = (
    # France
    Range("33", "France, nine digits", _LANDLINE, Use.PARTIAL, 11, is_open=True, zones=(_PARIS,)),
    _france("331", "01, Île-de-France", _LANDLINE),
    _france("332", "02, north-west", _LANDLINE),
    _france("333", "03, north-east", _LANDLINE),
    _france("334", "04, south-east", _LANDLINE),
    _france("3340", "040", _LANDLINE, Use.PARTIAL),
    _france("335", "05, south-west", _LANDLINE),
    _france("336", "06", NumberKind.MOBILE),
    _france("337", "07", NumberKind.MOBILE),
    _france("3370", "070, numbers of machines among them", NumberKind.MOBILE, Use.PARTIAL),
    _france("3371", "071", NumberKind.MOBILE, Use.PARTIAL),
    _france("3372", "072", NumberKind.MOBILE, Use.PARTIAL),
    _france("339", "09", _ANYWHERE),
    *(_france(f"33{digits}", "fiction", _LANDLINE, Use.FICTION) for digits in _FICTION_LANDLINES),
    _france("3363998", "fiction", NumberKind.MOBILE, Use.FICTION),
    *_shared(_LANDLINE, (_REUNION,), "332688"),
    *_shared(_LANDLINE, (_MAYOTTE,), "332689"),
    *_shared(_LANDLINE, (_GUADELOUPE,), "335987"),
    *_shared(_LANDLINE, (_GUYANE,), "335988"),
    *_shared(_LANDLINE, (_MARTINIQUE,), "335989"),
    *_shared(_ANYWHERE, (_GUADELOUPE,), "339395", "339475"),
    *_shared(_ANYWHERE, (_GUADELOUPE, _GUYANE), "339396", "339760", "339761", "339768"),
    *_shared(_ANYWHERE, (_GUADELOUPE, _MARTINIQUE), "339397"),
    *_shared(_ANYWHERE, (_MAYOTTE,), "339398", "339478"),
    *_shared(_ANYWHERE, (_REUNION,), "339399", "339479"),
    *_shared(_ANYWHERE, (_GUYANE,), "339476", "339764", "339765"),
    *_shared(_ANYWHERE, (_MARTINIQUE,), "339477"),
    *_shared(_ANYWHERE, (_REUNION, _GUYANE), "339762", "339763"),
    *_shared(_ANYWHERE, (_GUYANE, _MARTINIQUE), "339766", "339767"),
    *_shared(_ANYWHERE, (_MAYOTTE, _GUYANE), "339769"),
    # overseas: country codes, and the national ranges behind them
    _country("262", "Réunion and Mayotte", 12, Overseas.REUNION, _REUNION),
    *_overseas(Overseas.REUNION, (_REUNION,), "262262", "262263", "262692", "262693", "2627092"),
    *_overseas(Overseas.MAYOTTE, (_MAYOTTE,), "262269", "262639"),
    _country("508", "Saint-Pierre-et-Miquelon", 9, Overseas.MIQUELON, "America/Miquelon"),
    _country("590", "Guadeloupe, Saint-Barthélemy, Saint-Martin", 12, Overseas.GUADELOUPE, _GUADELOUPE),
    *_overseas(Overseas.GUADELOUPE, (_GUADELOUPE,), "590590", "590690", "590691", "5907090"),
    _country("594", "Guyane", 12, Overseas.GUYANE, _GUYANE),
    *_overseas(Overseas.GUYANE, (_GUYANE,), "594594", "594694"),
    *_overseas(None, (_GUYANE, _MAYOTTE), "5947093"),
    Range("2627093", "0709 3 with the other code", NumberKind.OVERSEAS, Use.OTHER_WRITING, zones=(_GUYANE, _MAYOTTE)),
    _country("596", "Martinique", 12, Overseas.MARTINIQUE, _MARTINIQUE),
    *_overseas(Overseas.MARTINIQUE, (_MARTINIQUE,), "596596", "596696", "596697", "5967091"),
    _country("681", "Wallis-et-Futuna", 9, Overseas.WALLIS, "Pacific/Wallis"),
    _country("687", "Nouvelle-Calédonie", 9, Overseas.CALEDONIE, "Pacific/Noumea"),
    _country("689", "Polynésie française, eight digits", 11, Overseas.POLYNESIE, *_POLYNESIE),
    # special rates
    _premium("338", "special rates: all of 08, free ones included", _ANYWHERE, None, _PARIS),
    _premium("2628", "special rates overseas", NumberKind.OVERSEAS, Overseas.REUNION, _REUNION),
    _premium("5908", "special rates overseas", NumberKind.OVERSEAS, Overseas.GUADELOUPE, _GUADELOUPE),
    _premium("5948", "special rates overseas", NumberKind.OVERSEAS, Overseas.GUYANE, _GUYANE),
    _premium("5968", "special rates overseas", NumberKind.OVERSEAS, Overseas.MARTINIQUE, _MARTINIQUE),
    # short numbers, dialled in France without a 0
    _short("333", 6, "short numbers 3BPQ"),
    _short("3310", 6, "short numbers 10YT"),
    _short("33116", 8, "European numbers 116XYZ"),
    _short("33118", 8, "directory enquiries 118XYZ"),
    _short("331", 4, "short numbers 1X", is_open=None),
    _short("331", 5, "short numbers 1XY", is_open=None),
    _short("331", 6, "short numbers 1XYZ", is_open=None),
    # codes of no country
    _global("800", "international freephone"),
    _global("808", "international shared cost"),
    _global("870", "satellite (Inmarsat)"),
    _global("878", "universal personal numbers"),
    _global("881", "satellite (global mobile systems)"),
    _global("882", "international networks, satellite among them"),
    _global("883", "international networks, satellite among them"),
    _global("888", "shared code, once disaster relief"),
    _global("979", "international premium rate"),
    # emergency numbers: the one list
    *(_emergency(number) for number in _EMERGENCY),
    *(_emergency(number, shipped="2026-12") for number in ("116006", "116111")),
    replace(_emergency("112"), prefix="112", name="emergency number 112 as mobile networks have it", source=None),
    # other countries with a table
    _abroad("44", "United Kingdom", Jurisdiction.GB, "Europe/London", source=E164),
    _abroad("1", "United States", Jurisdiction.US, *_STATES),
    _abroad("1787", "Puerto Rico", Jurisdiction.US, "America/Puerto_Rico"),
    _abroad("1939", "Puerto Rico", Jurisdiction.US, "America/Puerto_Rico"),
    _abroad("1340", "United States Virgin Islands", Jurisdiction.US, "America/St_Thomas"),
    _abroad("1671", "Guam", Jurisdiction.US, "Pacific/Guam"),
    _abroad("1670", "Northern Mariana Islands", Jurisdiction.US, "Pacific/Guam"),
    _abroad("1684", "American Samoa", Jurisdiction.US, "Pacific/Pago_Pago"),
    *(_abroad(f"1{code}", "Canada, Caribbean, Bermuda", None) for code in _NANP_WITHOUT_TABLE.split()),
)


def prefixes(*uses: Use) -> tuple[str, ...]:
    """Return the prefixes of all ranges with one of these uses, in the order of the plan."""
    return tuple(row.prefix for row in PLAN if row.use in uses)


class ByPrefix(Generic[Value]):
    """A value for each number, by the longest prefix of the plan that matches.

    Attributes:
        values: prefix -> value, without prefixes that have the value of a shorter one.
    """

    def __init__(self, value_of: Callable[[Range], Value], default: Value) -> None:
        self._default = default
        self._lengths: tuple[int, ...] = ()
        self.values: dict[str, Value] = {}
        subscribers = [row for row in PLAN if row.use not in {Use.SHORT, Use.EMERGENCY}]
        for row in sorted(subscribers, key=lambda row: len(row.prefix)):
            value = value_of(row)
            if self.of(row.prefix) != value:
                self.values[row.prefix] = value
                self._lengths = tuple(sorted({len(prefix) for prefix in self.values}, reverse=True))

    def of(self, number: str) -> Value:
        """Return the value of a number, E.164 without plus."""
        for length in self._lengths:
            prefix = number[:length]
            if prefix in self.values:
                return self.values[prefix]
        return self._default


_KINDS: Final = ByPrefix(lambda row: row.kind, NumberKind.FOREIGN)


def kind_of(number: Number) -> NumberKind:
    """Return a number's kind, by its first digits."""
    return _KINDS.of(number)
