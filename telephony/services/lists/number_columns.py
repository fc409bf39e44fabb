"""Which columns of a file hold telephone numbers, or digests of them, by their headers in French or English.

Pure, and the same for every file of numbers, opposition lists included. The other columns of a list are left to
``list_columns``, judging a number to ``telephony.domain.numbers.numbers``.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telephony.domain.numbers.errors import NumberError
from telephony.domain.numbers.numbers import canonical

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
BARE_HEADERS: Final = ("numero", "number", "numeros", "numbers")
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
    bare = next((plain.index(text) for text in BARE_HEADERS if text in plain), None)
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
    """Return True if the first line holds numbers: a row of data where a header should be."""
    return any(_MANY_DIGITS.search(cell) for cell in header)
