"""Rules about the network: all nftables rules of the lock must be loaded, with nothing before them. Pure.

``reading`` runs nft; ``telephony.asterisk.firewall`` defines the rules.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from telephony.asterisk.audit.evidence import Departure
from telephony.asterisk.audit.holes import Hole

_SET: Final = re.compile(r"\{([^}]*)\}")
_HOOK: Final = re.compile(r"type filter hook (output|forward)\b")
_ASLEEP: Final = re.compile(r"^\s*flags\b.*\bdormant\b", re.MULTILINE)
_LETS_BY: Final = re.compile(r"\b(accept|return|jump|goto|queue)\b")
_KNOWN: Final = (
    (re.compile(r"l4proto (!= )?6\b|ip6|ct state"), Hole.FIREWALL_ELSEWHERE),
    (re.compile(r"l4proto"), Hole.FIREWALL_MEDIA),
    (re.compile(r"skuid != \{"), Hole.FIREWALL_PERMITS),
    (re.compile(r"tcp sport"), Hole.FIREWALL_IMPOSTOR),
    (re.compile(r"tcp dport"), Hole.FIREWALL_MANAGER),
    (re.compile(r"ip [ds]addr"), Hole.FIREWALL_CARRIER),
)
HOLES_OF_NETWORK: Final = tuple(hole for _, hole in _KNOWN)


def network_departures(script: str, listed: str | None, table: str) -> Iterator[Departure]:
    """Yield the rules that are missing.

    Args:
        script: the rendered ``nft`` script.
        listed: output of ``nft -n list table``; "" when there is no such table, None when it cannot be listed.
        table: name of the table.
    """
    if listed is None:
        for hole in HOLES_OF_NETWORK:
            says = "cannot be seen: not root, or nft is not installed"
            yield Departure(
                hole, None, f"table inet {table}", says, "run as root with nftables installed", is_doubt=True
            )
        return
    there = set() if _ASLEEP.search(listed) else set(_rejecting(listed))
    for hook, rule in _rejecting(script):
        if (hook, rule) not in there:
            hole = next(hole for pattern, hole in _KNOWN if pattern.search(rule))
            yield Departure(hole, None, f"table inet {table}", f"no rule: {rule}")


def file_departures(script: str, written: str | None, file: PurePath) -> Iterator[Departure]:
    """Yield a departure if the file that the next boot loads differs.

    Args:
        script: the rendered ``nft`` script.
        written: the file's text; "" when it is missing, None when this user may not read it.
        file: its path.
    """
    if written is None:
        says = "cannot be read: another user's"
        yield Departure(Hole.NEXT_BOOT, None, str(file), says, "run the check as root", is_doubt=True)
    elif written != script:
        says = "not as the settings say" if written else "is missing: the next boot loads no network rules"
        yield Departure(Hole.NEXT_BOOT, None, str(file), says)


def _rejecting(script: str) -> Iterator[tuple[str, str]]:
    """Yield hook and rule for the reject rules of each chain before its first accept rule."""
    hook, is_past = "", False
    for line in map(_plain, script.splitlines()):
        if line.startswith("chain "):
            hook, is_past = "", False
        elif match := _HOOK.search(line):
            hook = match[1]
        elif line.startswith("#"):
            continue
        elif _LETS_BY.search(line):
            is_past = True
        elif line.endswith("reject") and hook and not is_past:
            yield hook, line


def _plain(line: str) -> str:
    """Return a rule in a normal form: protocol numbers, sorted sets, no reject type."""
    text = re.sub(r"\breject with .*", "reject", line.strip())
    text = re.sub(r"\bl4proto udp\b", "l4proto 17", text)
    text = re.sub(r"\bl4proto (!= )?tcp\b", r"l4proto \g<1>6", text)
    text = re.sub(r"\bct state 0x0*8\b", "ct state new", text)
    text = _SET.sub(lambda match: "{ " + ", ".join(sorted(part.strip() for part in match[1].split(","))) + " }", text)
    return re.sub(r"\s+", " ", text)
