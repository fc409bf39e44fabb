"""What an option of dialing does to operators and to the people called, said before somebody chooses it.

The modes themselves are ``dialing_options.DialMode``; what they decide is left to the pacers.
"""

from collections.abc import Collection

from telephony.domain.dialing_options import CallOrder, DialingOptions, DialMode, ring_s_of
from telephony.domain.law.wording import Text
from telephony.domain.order_words import LEARNED_ORDER, LIST_ORDER

_AIR = Text("Les appels en cours se terminent comme ils ont commencé.", "Calls in the air end as they began.")


def effect_of(mode: DialMode, tenths: int, cap: float) -> Text:
    """Return what choosing a mode will do.

    Args:
        mode: the mode.
        tenths: dials per free operator in power mode, in tenths.
        cap: the campaign's abandon cap, a share.
    """
    said = _effect(mode, tenths, cap)
    return Text(f"{said.fr} {_AIR.fr}", f"{said.en} {_AIR.en}")


def effects_of(options: DialingOptions, keys: Collection[str]) -> tuple[Text, ...]:
    """Return the effects of choosing options, by their keys; an option without a text of its effect has none."""
    texts = []
    if "mode" in keys or "ratio" in keys:
        texts.append(effect_of(options.mode, options.power_tenths, options.abandon_cap))
    if "withdraw_after_s" in keys:
        texts.append(withdrawing_effect_of(options.withdraw_after_s))
    if "call_order" in keys:
        order = LEARNED_ORDER if options.call_order is CallOrder.LEARNED else LIST_ORDER
        texts.append(Text(order.fr, order.en))
    return tuple(texts)


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
