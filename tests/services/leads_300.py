"""The demonstration list ``config/examples/leads-300.csv``: made here, always the same.

The last four digits of a number tell the lab's carrier how to behave (docs/lab.md); ``MIX`` is how many of each.
Run ``python -m tests.services.leads_300`` at the top of the repository to write the file again.
"""

import random
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parents[2] / "config" / "examples" / "leads-300.csv"
HEADER = "numero;prenom;nom;ville;offre"
PREFIXES = ("019900", "026191", "035301", "046571", "053649", "063998")
REFUSED_S = 0.5
"""Operator seconds an attempt costs that the network refuses at once."""
OVERHEAD_S, WRAP_UP_S = 0.7, 1.2

FIRST = [
    "Adèle",
    "Bastien",
    "Camille",
    "Damien",
    "Élodie",
    "Fabrice",
    "Gaëlle",
    "Hugo",
    "Inès",
    "Joël",
    "Karine",
    "Loïc",
    "Maëlle",
    "Noël",
    "Océane",
    "Pascal",
    "Quentin",
    "Romane",
    "Sébastien",
    "Thaïs",
    "Ugo",
    "Valérie",
    "William",
    "Xavier",
    "Yvonne",
    "Zoé",
    "Anaïs",
    "Benoît",
    "Céline",
    "Denis",
]
LAST = [
    "Aubrac",
    "Belmont",
    "Chauvin",
    "Delorme",
    "Escoffier",
    "Fontanel",
    "Garrigue",
    "Hautbois",
    "Isnard",
    "Jourdan",
    "Kermadec",
    "Lavigne",
    "Maréchal",
    "Navarre",
    "Orsini",
    "Peyrac",
    "Quintal",
    "Rivoire",
    "Sablon",
    "Tavernier",
    "Urbain",
    "Valcourt",
    "Wattel",
    "Ybert",
    "Zeller",
    "Brissac",
    "Corneuil",
    "Duvernay",
    "Estienne",
    "Fargues",
]
TOWNS = ["Rennes", "Nantes", "Brest", "Vannes", "Quimper", "Angers", "Laval", "Caen", "Tours", "Orléans"]
OFFERS = ("Fibre 300", "Fibre 1000", "Fibre 2000")


def endings(dice: random.Random) -> Iterator[tuple[str, float]]:
    """Yield 300 endings of a number with the operator seconds an attempt at it costs."""
    connected_s = OVERHEAD_S + WRAP_UP_S
    for _ in range(96):  # people: ring 0.4-1.2 s, speak 2.5-3.9 s
        ring, talk = dice.randint(2, 6), dice.randint(25, 39)
        yield f"9{ring}{talk}", ring * 0.2 + talk * 0.1 + connected_s
    for _ in range(8):  # three seconds of early media, then two of speech
        yield "8202", 3 + 2 + connected_s
    for index in range(4):  # answer after 1 s, hang up after 2 s
        yield f"80{index:02d}", 1 + 2 + connected_s
    for index in range(4):  # ring until the 15 s are over
        yield f"7{index}00", 15 + OVERHEAD_S
    for index in range(3):  # answering machines: greeting of four seconds and a beep, then two of silence
        yield f"6{index % 2}02", index % 2 + 4.5 + 2 + connected_s
    for code, count in ((50, 60), (52, 55), (51, 25), (54, 25), (53, 20)):
        for _ in range(count):
            yield f"{code}{dice.randint(0, 99):02d}", REFUSED_S + (0.5 if code == 53 else 0)


def _free(ending: str, taken: set[str], dice: random.Random) -> str:
    """Return a number with that ending; when all six prefixes are used, one with the next ending of the same kind."""
    while True:
        free = [prefix + ending for prefix in PREFIXES if prefix + ending not in taken]
        if free:
            return dice.choice(free)
        ending = ending[:2] + f"{(int(ending[2:]) + 1) % 100:02d}"


def rows() -> Iterator[tuple[str, float]]:
    """Yield the 300 lines below the header, with the operator seconds each costs."""
    dice = random.Random("Satisfaction fibre")
    people = [(first, last) for first in FIRST for last in LAST]
    dice.shuffle(people)
    taken: set[str] = set()
    costs = []
    for ending, cost_s in endings(dice):
        number = _free(ending, taken, dice)
        taken.add(number)
        costs.append((number, cost_s))
    dice.shuffle(costs)
    # long ones first in the last stretch would leave five operators waiting for the sixth
    costs[-12:] = sorted(costs[-12:], key=lambda item: -item[1])
    for (number, cost_s), (first, last) in zip(costs, people, strict=False):
        pairs = " ".join(number[index : index + 2] for index in range(0, 10, 2))
        yield f"{pairs};{first};{last};{dice.choice(TOWNS)};{dice.choice(OFFERS)}", cost_s


def text() -> str:
    """Return the whole file."""
    return "\n".join([HEADER, *(line for line, _ in rows())]) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
