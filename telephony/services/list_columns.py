"""Which column of a list is what, by its header in French or English.

Pure: a header row in, a ``Columns`` value out, and a row's cells into name and fields. Which columns hold telephones is
decided here for every file of numbers, opposition lists included. Reading files is left to ``list_reading``, judging a
number to ``telephony.domain.numbers``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from telephony.domain.law.basis import LeadTerms
from telephony.domain.numbers import NumberError, canonical
from telephony.domain.persons import client_key_of
from telephony.services.list_terms import find, terms_of

_DEVICES: Final[dict[str, int]] = {
    **dict.fromkeys(("telephone", "telephones", "tel", "tels", "phone", "phones", "telephonique"), 0),
    **dict.fromkeys(("mobile", "mobiles", "portable", "portables", "gsm", "cell", "cellphone", "cellulaire"), 1),
    **dict.fromkeys(("fixe", "fixes", "landline"), 2),
}
"""Words that say telephone -> group of preference: any, mobile, landline."""
_FILLERS: Final = frozenset(
    [
        "numero",
        "numeros",
        "num",
        "no",
        "n",
        "nr",
        "number",
        "numbers",
        "de",
        "du",
        "des",
        "d",
        "la",
        "le",
        "l",
        "un",
        "a",
        "client",
        "cliente",
        "clients",
        "contact",
        "contacts",
        "personne",
        "abonne",
        "prospect",
        "customer",
        "respondent",
        "your",
        "votre",
        "principal",
        "principale",
        "primary",
        "main",
        "domicile",
        "maison",
        "home",
        "bureau",
        "travail",
        "work",
        "office",
        "pro",
        "professionnel",
        "business",
        "perso",
        "personnel",
        "personal",
        "prive",
        "private",
        "direct",
        "ligne",
        "line",
        "joignable",
        "international",
        "national",
        "complet",
        "full",
        "e164",
        "e",
        "164",
        "soir",
        "jour",
        "evening",
        "day",
        "dom",
        "bur",
        "port",
        "s",
        "ou",
        "or",
        "format",
    ]
)
"""Words that may stand beside them without changing what the column holds."""
_SECOND: Final = frozenset(
    ["autre", "autres", "other", "secondaire", "secondary", "second", "alternatif", "alternative"]
)
_GLUED: Final = re.compile(
    r"(?:numero|num|no|n|nr)?(?:de)?(?:home|work|office)?(telephone|tel|phone|mobile|portable|fixe|gsm|cell|landline)"
    r"(?:number|numero|num|no|nr|phone|mobile|portable|fixe|dom|bur|pro|perso|port|mob)?(?:0?([1-9]))?"
)
"""``PhoneNumber``, ``HomePhone``, ``tel1``, ``TelDom``: words written in one."""
_WHOLE_HEADERS: Final = ("msisdn", "n d appel", "no d appel", "numero d appel")
"""Headers that say telephone as they stand."""
_CUSTOMERS: Final = frozenset(["client", "cliente", "clients", "abonne"])
"""Before ``mobile`` or ``fixe``: the customer's number of a mobile or landline contract, or a telephone; not sure."""
_OF_NUMBERS: Final = frozenset(
    ["numero", "numeros", "num", "no", "n", "nr", "number", "id", "identifiant", "ref", "reference", "code", "key",
     "cle", "siret", "siren", "contrat", "dossier", "compte", "commande", "contract", "account", "order"]
)  # fmt: skip
"""Words of headers below which a number, of a telephone or not, is no surprise."""
_OF_TELEPHONES: Final = re.compile(r"\b(?:tel|fax|msisdn)|phone|(?:mobile|portable|gsm|fixe|tel)s?\b|\bappel\b")
_BARE: Final = ("numero", "number", "numeros", "numbers")
"""Headers that say number and not of what: taken when no column says telephone."""
_DIGESTS: Final = frozenset(
    [
        "md5",
        "sha1",
        "sha256",
        "sha",
        "hash",
        "hashed",
        "hache",
        "haches",
        "empreinte",
        "empreintes",
        "digest",
        "condensat",
    ]
)
EXAMPLES: Final = ("numero de telephone", "telephone", "tel", "mobile", "portable", "fixe", "phone", "numero")
"""Telephone headers, as a sentence names them."""
_LAST_NAMES: Final = ("nom", "nom de famille", "nom complet", "name", "last name", "lastname", "full name", "surname")
_FIRST_NAMES: Final = ("prenom", "first name", "firstname", "given name", "forename")
_PRIORITIES: Final = ("priorite", "priority")
CLIENT_KEYS: Final = (
    "cle client",
    "client key",
    "reference client",
    "ref client",
    "client reference",
    "customer reference",
    "numero client",
    "numero de client",
    "n client",
    "no client",
    "n de client",
    "no de client",
    "client number",
    "customer number",
    "id client",
    "identifiant client",
    "client id",
    "customer id",
    "code client",
    "customer key",
    "external id",
    "identifiant",
    "reference",
    "ref",
)
"""The client company's own key of a person, in order of preference: what is counted per person is counted by it."""
_FEWEST: Final = re.compile(r"(?:[0-9][^0-9]*){9}")
"""As many digits as the shortest number that is whole by itself: +681 and six."""
_MANY_DIGITS: Final = re.compile(r"[0-9]{4}|(?:[0-9][ .-]?){6}")


@dataclass(frozen=True, slots=True)
class NumberColumns:
    """Which columns of a header hold telephone numbers, or digests of them.

    Attributes:
        telephones: indexes, the one that is tried first in front.
        digests: indexes of columns whose header says digest, hash or an algorithm.
        says_telephone: whether a header says telephone; else it says number only, which a customer's number is too.
    """

    telephones: tuple[int, ...] = ()
    digests: tuple[int, ...] = ()
    says_telephone: bool = True

    @property
    def rank(self) -> int:
        """How well the header is understood: 0 not at all."""
        return (2 if self.says_telephone else 1) if self.telephones else 2 if self.digests else 0


@dataclass(frozen=True, slots=True)
class Columns:
    """A header that was understood.

    Attributes:
        headers: every column's header as it stands, made unique; a nameless one is ``column 3``.
        number: index of the column that is dialled.
        names: indexes that make the person's name, in spoken order (first name, last name).
        terms: indexes of what the law asks, by part (``list_terms``).
        others: indexes kept as fields; telephone columns are left out, so that no screen can show them.
        numbers: indexes of further telephone columns, in the order they are tried.
        priority: index of the column that says how soon a lead is called, or None.
        client_key: index of the client company's own key of the person, or None; kept as a field too.
        says_telephone: whether the header of ``number`` says telephone, and not number only.
        shy: indexes of fields whose header speaks of numbers or telephones: cells that are whole numbers are not kept.
    """

    headers: tuple[str, ...]
    number: int
    names: tuple[int, ...]
    others: tuple[int, ...]
    terms: Mapping[str, int] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()
    priority: int | None = None
    client_key: int | None = None
    says_telephone: bool = True
    shy: tuple[int, ...] = ()

    @property
    def telephones(self) -> tuple[int, ...]:
        """Every telephone column, in the order they are tried."""
        return (self.number, *self.numbers)

    def name(self, cells: Sequence[str]) -> str:
        """Return the person's name in a row."""
        return " ".join(part for index in self.names if (part := cells[index].strip()))

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the other cells of a row that hold something, by header."""
        return {
            self.headers[index]: value
            for index in self.others
            if (value := cells[index].strip()) and not (index in self.shy and is_whole_number(value))
        }

    def person(self, cells: Sequence[str]) -> str:
        """Return the client company's own key of the person in a row, or ""."""
        return "" if self.client_key is None else client_key_of(cells[self.client_key])

    def law(self, cells: Sequence[str], zone: tzinfo) -> LeadTerms:
        """Return what a row says of legal basis, consent and time zone; TermsError when it cannot be read.

        ``zone`` is the clock of times that name none: the site's.
        """
        words = {part: simplified(cells[self.terms[part]]) for part in ("basis", "any_time") if part in self.terms}
        return terms_of(self.terms, cells, words, zone)


def understand(header: Sequence[str]) -> Columns | None:
    """Return the columns of a header row, or None when none of them is a telephone number."""
    plain = [simplified(cell) for cell in header]
    found = find_numbers(header)
    if not found.telephones:
        return None
    names = tuple(index for index in (_first(plain, _FIRST_NAMES), _first(plain, _LAST_NAMES)) if index is not None)
    terms = find(plain)
    priority = _first(plain, _PRIORITIES)
    number, *further = found.telephones
    taken = {*found.telephones, *names, *terms.values(), priority}
    others = tuple(index for index in range(len(header)) if index not in taken)
    shy = tuple(index for index in others if plain[index] in _BARE or speaks_of_telephones(header[index]))
    client_key = next((index for text in CLIENT_KEYS for index in others if plain[index] == text), None)
    return Columns(
        _unique(header),
        number,
        names,
        others,
        terms,
        tuple(further),
        priority,
        client_key,
        says_telephone=found.says_telephone,
        shy=shy,
    )


def find_numbers(header: Sequence[str]) -> NumberColumns:
    """Return which columns hold numbers, by their headers alone, wherever they stand."""
    ranked: list[tuple[int, int, int]] = []
    digests: list[int] = []
    for index, cell in enumerate(header):
        words = simplified(cell).split()
        if _DIGESTS.intersection(words):
            digests.append(index)
        elif (preference := _telephone(words)) is not None:
            ranked.append((*preference, index))
    if ranked:
        return NumberColumns(tuple(index for *_, index in sorted(ranked)), tuple(digests))
    plain = [simplified(cell) for cell in header]
    bare = next((plain.index(text) for text in _BARE if text in plain), None)
    return NumberColumns(() if bare is None else (bare,), tuple(digests), says_telephone=bare is None)


def speaks_of_telephones(header: str) -> bool:
    """Return True if a header has to do with telephones, whatever its column holds."""
    return _OF_TELEPHONES.search(simplified(header)) is not None


def speaks_of_numbers(header: str) -> bool:
    """Return True if a header says telephone, number, reference: a number below it is no surprise."""
    return speaks_of_telephones(header) or not _OF_NUMBERS.isdisjoint(simplified(header).split())


def is_whole_number(text: str) -> bool:
    """Return True if a text is a telephone number that nothing beside it needs to explain."""
    if not _FEWEST.search(text):
        return False  # most cells: quick
    try:
        canonical(text, is_named=False)
    except NumberError:
        return False
    return True


def _telephone(words: Sequence[str]) -> tuple[int, int] | None:
    """Return how early a header that says telephone is tried, or None when it says something else."""
    if " ".join(words) in _WHOLE_HEADERS:
        return 0, 0
    groups: list[int] = []
    ordinal = 0
    is_second = has_customer = is_unsure = False
    for word in words:
        glued = _GLUED.fullmatch(word)
        if word in _DEVICES or glued:
            groups.append(_DEVICES[glued[1]] if glued else _DEVICES[word])
            is_unsure |= has_customer and groups[-1] > 0
            ordinal = int(glued[2] or ordinal) if glued else ordinal
        elif re.fullmatch("0?[1-9]", word):
            ordinal = int(word)
        elif word in _SECOND:
            is_second = True
        elif word not in _FILLERS:
            return None
        has_customer |= word in _CUSTOMERS
    if not groups or (is_unsure and 0 not in groups):
        return None
    group = max(groups)
    return (3 if (ordinal and not group) or is_second else group, ordinal)


def simplified(header: str) -> str:
    """Return a header in lower case, without accents, degree signs and punctuation."""
    letters = unicodedata.normalize("NFKD", header.replace("°", " ")).encode("ascii", "ignore").decode().lower()
    return " ".join(re.split(r"[^a-z0-9]+", letters)).strip()


def looks_like_a_row(header: Sequence[str]) -> bool:
    """Tell whether the first line holds numbers: a row of data where a header should be."""
    return any(_MANY_DIGITS.search(cell) for cell in header)


def _first(plain: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((plain.index(text) for text in wanted if text in plain), None)


def _unique(header: Sequence[str]) -> tuple[str, ...]:
    headers: list[str] = []
    for position, cell in enumerate(header, start=1):
        base = cell.strip() or f"column {position}"
        text, again = base, 2
        while text in headers:
            text, again = f"{base} ({again})", again + 1
        headers.append(text)
    return tuple(headers)
