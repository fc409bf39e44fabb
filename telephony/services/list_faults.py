"""What is wrong with a list's file or with a row of it, as sentences in both languages.

Why a number is not taken is said in ``telephony.domain.numbers``, why terms are not in ``list_terms``; finding faults
is left to ``list_reading`` and ``lists``.
"""

from enum import StrEnum
from typing import Final

from telephony.domain.law.wording import Text
from telephony.domain.numbers import SENTENCES
from telephony.errors import InputError
from telephony.services import list_terms


class ListFileError(InputError):
    """A file cannot be read as a list.

    Attributes:
        text: the sentence in both languages; the message is the English one.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class RowFault(StrEnum):
    """Why a row could not be read, before its number was looked at."""

    MISSING_CELLS = "missing_cells"
    EXTRA_CELLS = "extra_cells"
    NULL_BYTE = "null_byte"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    AMBIGUOUS_QUOTES = "ambiguous_quotes"
    ENCODING = "encoding"
    NAMELESS_NUMBER = "nameless_number"
    SHIFTED_CELLS = "shifted_cells"


FAULTS: Final[dict[RowFault, Text]] = {
    RowFault.MISSING_CELLS: Text(
        "la ligne a moins de cellules que l'en-tête\u202f: vérifiez ses séparateurs",
        "the row has fewer cells than the header; check its separators",
    ),
    RowFault.EXTRA_CELLS: Text(
        "la ligne a plus de cellules que l'en-tête\u202f: mettez des guillemets aux cellules qui ont un séparateur",
        "the row has more cells than the header; put quotes around cells that hold a separator",
    ),
    RowFault.NULL_BYTE: Text(
        "la ligne contient un octet nul\u202f: exportez la liste de nouveau",
        "the row holds a null byte; export the list again",
    ),
    RowFault.LINE_TOO_LONG: Text(
        "la ligne dépasse 65\u202f536 caractères\u202f: raccourcissez-la",
        "the line is longer than 65,536 characters; shorten it",
    ),
    RowFault.UNCLOSED_QUOTE: Text(
        "un guillemet est ouvert et jamais fermé\u202f: fermez-le", "a quote is opened and never closed; close it"
    ),
    RowFault.STRAY_QUOTE: Text(
        "un guillemet est seul au milieu d'une cellule\u202f: retirez-le, ou doublez-le entre guillemets",
        "a quote stands alone in the middle of a cell; remove it, or double it between quotes",
    ),
    RowFault.AMBIGUOUS_QUOTES: Text(
        "des guillemets couvrent plusieurs lignes qui peuvent être d'autres personnes\u202f: retirez-les, ou mettez "
        "la cellule sur une seule ligne",
        "quotes span several lines that may be other people's rows; remove them, or put the cell on one line",
    ),
    RowFault.ENCODING: Text(
        "un octet de la ligne n'est d'aucun encodage\u202f: ressaisissez ses accents, ou exportez de nouveau en UTF-8",
        "a byte of the row is of no encoding; type its accents again, or export again as UTF-8",
    ),
    RowFault.NAMELESS_NUMBER: Text(
        "un numéro est dans une colonne sans titre\u202f: donnez un titre à la colonne, ou vérifiez les séparateurs de "
        "la ligne",
        "a number stands in a column without a header; name the column, or check the row's separators",
    ),
    RowFault.SHIFTED_CELLS: Text(
        "des cellules de la ligne ne sont pas sous leur titre\u202f: vérifiez ses séparateurs, mettez des guillemets "
        "aux cellules qui en ont un",
        "cells of the row do not stand under their headers; check its separators, and put quotes around cells that "
        "hold one",
    ),
}
TWICE: Final = Text(
    "une ligne précédente du fichier a le même numéro\u202f: une seule suffit",
    "an earlier row of this file has the same number; one is enough",
)
KNOWN: Final = Text(
    "la campagne a déjà ce numéro\u202f: rien à faire", "the campaign has this number already; nothing to do"
)
SETTLED: Final = Text(
    "cette personne a déjà été appelée depuis une liste retirée et son dossier est terminé, ou elle est en ligne : "
    "pour l'appeler encore, réactivez le contact, puis chargez le fichier de nouveau",
    "this person was called from a list now withdrawn and is finished with, or is on the line; to call them again,"
    " telephony lead reactivate, then load the file again",
)
_BY_ENGLISH: Final = {
    text.en: text
    for text in (*SENTENCES.values(), *FAULTS.values(), *list_terms.SENTENCES.values(), TWICE, KNOWN, SETTLED)
}


def empty_file(label: str) -> Text:
    """Return the message for a file in which nothing stands."""
    return Text(
        f"{label} est vide\u202f: choisissez le fichier qui contient la liste",
        f"{label} is empty; choose the file that holds the list",
    )


def said(stored: str, language: str) -> str:
    """Return the sentence a rejected row is stored with (English) in ``fr`` or ``en``; an old one stays as it is."""
    text = _BY_ENGLISH.get(stored)
    return stored if text is None else text.of(language)
