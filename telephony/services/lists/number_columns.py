"""Which columns of a file have telephone numbers, or digests of them, by their headers in French or English.

Pure, and the same for every file of numbers, do-not-call lists included. ``columns`` finds the other columns of a list;
``telephony.domain.numbers.numbers`` checks the numbers.
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
"""Words for a telephone, with their group of preference: any, mobile, landline."""
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
"""Words beside them that do not change the meaning of the column."""
_SECOND: Final = frozenset(
    ["autre", "autres", "other", "secondaire", "secondary", "second", "alternatif", "alternative"]
)
_GLUED: Final = re.compile(
    r"(?:numero|num|no|n|nr)?(?:de)?(?:home|work|office)?(telephone|tel|phone|mobile|portable|fixe|gsm|cell|landline)"
    r"(?:number|numero|num|no|nr|phone|mobile|portable|fixe|dom|bur|pro|perso|port|mob)?(?:0?([1-9]))?"
)
"""``PhoneNumber``, ``HomePhone``, ``tel1``, ``TelDom``: several words written as one."""
_WHOLE_HEADERS: Final = ("msisdn", "n d appel", "no d appel", "numero d appel")
"""Whole headers that say telephone."""
_CUSTOMERS: Final = frozenset(["client", "cliente", "clients", "abonne"])
"""Before ``mobile`` or ``fixe`` they make it unclear: a telephone, or the number of a customer's contract."""
_OF_NUMBERS: Final = frozenset(
    ["numero", "numeros", "num", "no", "n", "nr", "number", "id", "identifiant", "ref", "reference", "code", "key",
     "cle", "siret", "siren", "contrat", "dossier", "compte", "commande", "contract", "account", "order"]
)  # fmt: skip
"""Words of headers whose columns may have numbers of any kind."""
_OF_TELEPHONES: Final = re.compile(r"\b(?:tel|fax|msisdn)|phone|(?:mobile|portable|gsm|fixe|tel)s?\b|\bappel\b")
BARE_HEADERS: Final = ("numero", "number", "numeros", "numbers")
"""Headers that say only number: used when no column says telephone."""
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
"""Telephone headers that messages name as examples."""
_FEWEST: Final = re.compile(r"(?:[0-9][^0-9]*){9}")
"""As many digits as the shortest complete international number: +681 and six digits."""
_MANY_DIGITS: Final = re.compile(r"[0-9]{4}|(?:[0-9][ .-]?){6}")


@dataclass(frozen=True, slots=True)
class NumberColumns:
    """The columns of telephone numbers, or of their digests, in a header.

    Attributes:
        telephones: indexes, in the order they are tried.
        digests: indexes of columns whose header says digest, hash or an algorithm.
        says_telephone: whether a header says telephone; one that says only number may mean a customer's number.
    """

    telephones: tuple[int, ...] = ()
    digests: tuple[int, ...] = ()
    says_telephone: bool = True

    @property
    def rank(self) -> int:
        """How clear the header is: 0 when it has no column of numbers."""
        return (2 if self.says_telephone else 1) if self.telephones else 2 if self.digests else 0


def find_numbers(header: Sequence[str]) -> NumberColumns:
    """Return the columns of numbers, by their headers only."""
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
    """Return True if a header mentions telephones, whatever its column has."""
    return _OF_TELEPHONES.search(simplified(header)) is not None


def speaks_of_numbers(header: str) -> bool:
    """Return True if a header says telephone, number or reference, so that its column may have numbers."""
    return speaks_of_telephones(header) or not _OF_NUMBERS.isdisjoint(simplified(header).split())


def is_whole_number(text: str) -> bool:
    """Return True if a text is a complete telephone number without knowing its column."""
    if not _FEWEST.search(text):
        return False  # the quick answer for most cells
    try:
        canonical(text, is_named=False)
    except NumberError:
        return False
    return True


def _telephone(words: Sequence[str]) -> tuple[int, int] | None:
    """Return the order in which a telephone header is tried, or None when it says something else."""
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
    """Return True if the first line has numbers: a row of data instead of a header."""
    return any(_MANY_DIGITS.search(cell) for cell in header)
