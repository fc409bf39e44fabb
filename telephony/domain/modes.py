"""What a dialing mode does to operators and to the people called, said before somebody chooses it.

The modes themselves are ``campaigns.DialMode``; what they decide is left to the pacers.
"""

import math
from typing import Final

from telephony.domain.campaigns import DialMode
from telephony.domain.law.facts import LEAST_RING_S
from telephony.domain.law.wording import Text
from telephony.domain.power import LEAST_RATIO, MOST_RATIO
from telephony.errors import InputError

MOST_RING_S: Final = 60
"""As long as the settings let a call ring."""
_AIR = Text("Les appels en cours se terminent comme ils ont commencé.", "Calls in the air end as they began.")


def tenths_of(ratio: float) -> int:
    """Return dials per free operator in tenths.

    Raises:
        InputError: it is not a number of tenths from 1.0 to 3.0.
    """
    tenths = round(ratio * 10) if math.isfinite(ratio * 10) else 0
    if abs(tenths - ratio * 10) > 1e-6 or not LEAST_RATIO <= tenths <= MOST_RATIO:
        raise InputError(f"the ratio of power mode is 1.0 to 3.0 calls per free operator, in tenths; {ratio:g} is not")
    return tenths


def effect_of(mode: DialMode, tenths: int, cap: float) -> Text:
    """Return what choosing a mode will do.

    Args:
        mode: the mode.
        tenths: dials per free operator in power mode, in tenths.
        cap: the campaign's abandon cap, a share.
    """
    said = _effect(mode, tenths, cap)
    return Text(f"{said.fr} {_AIR.fr}", f"{said.en} {_AIR.en}")


def ring_s_of(after_s: int) -> int:
    """Return the seconds after which dials that ring in vain are withdrawn; 0: never.

    Raises:
        InputError: under 15 s, or longer than the settings let a call ring.
    """
    if after_s and not LEAST_RING_S <= after_s <= MOST_RING_S:
        raise InputError(
            f"a call rings {LEAST_RING_S} s at least and {MOST_RING_S} s at most before it is withdrawn;"
            f" {after_s} is not possible, 0 never withdraws"
        )
    return after_s


def withdrawing_effect_of(after_s: int) -> Text:
    """Return what hanging up dials that rang so many seconds in vain will do, 0: none is; errors as ``ring_s_of``."""
    if not ring_s_of(after_s):
        return Text(
            "Chaque appel sonne jusqu’au bout, même quand aucun poste ne serait libre.",
            "Every dial rings out, also when no operator would be free.",
        )
    return Text(
        f"En mode prédictif, un appel qui sonne depuis {after_s}\u202fs est retiré quand aucun poste ne serait libre"
        " pour qui décrocherait. Il compte comme une tentative auprès de la personne, donc aussi parmi les quatre en"
        " 30 jours des consommateurs en France\u202f; de rares personnes décrochent à l’instant où la sonnerie cesse.",
        f"In predictive mode, a dial that has rung for {after_s} s is hung up when no operator would be free for"
        " whoever answers. It counts as an attempt at the person, so among the four in 30 days of consumers in France"
        " too; a few people pick up the moment it stops ringing.",
    )


def _effect(mode: DialMode, tenths: int, cap: float) -> Text:
    percent = f"{cap * 100:g}"
    comma = percent.replace(".", ",")
    match mode:
        case DialMode.PREVIEW:
            return Text(
                "Chaque opérateur voit la personne à appeler et appuie sur Appeler : rien ne part tout seul, l’appel"
                " revient à celui qui a appuyé, et les appels par heure sont les plus rares.",
                "Each operator sees the person to be called and presses Call: nothing leaves by itself, the call is"
                " theirs alone, and calls per hour are fewest.",
            )
        case DialMode.PROGRESSIVE:
            return Text(
                "Un appel part par poste libre\u202f: personne ne décroche pour rien, les opérateurs attendent plus.",
                "One call leaves per free operator: nobody answers to nobody, operators wait longer.",
            )
        case DialMode.POWER:
            ratio = f"{tenths / 10:.1f}"
            return Text(
                f"Jusqu’à {ratio.replace('.', ',')} appels sonnent par poste libre\u202f: quand plus de personnes"
                " décrochent qu’il n’y a de postes libres, les autres entendent le message d’excuse. Jamais plus de"
                f" {comma}\u202f% par jour\u202f: en deçà d’un abandon restant, un appel par poste libre.",
                f"Up to {ratio} calls ring per free operator: when more people answer than operators are free, the"
                f" others hear the apology. Never more than {percent} % a day: with less than one abandoned call left,"
                " it is one call per free operator.",
            )
        case DialMode.PREDICTIVE:
            return Text(
                "Les appels partent avant que les postes se libèrent\u202f: les opérateurs attendent moins, et jusqu’à"
                f" {comma}\u202f% des personnes qui décrochent chaque jour entendent le message d’excuse.",
                "Calls leave before operators come free: operators wait less, and up to"
                f" {percent} % of the people who answer each day hear the apology.",
            )
