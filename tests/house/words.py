"""What ``test_words`` refuses: words this project wrote once and a native engineer stumbles on, and old names.

``docs/glossary.md`` says what is written instead. Ordinary English is free: only whole phrases are refused in prose.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

PHRASES: Final = (
    r"in vain",
    r"lies? before",
    r"lay before",
    r"laid (?:before|since)",
    r"tells? whether",
    r"be told",
    r"knows? nothing yet",
    r"keeps? the parts",
    r"begins? with (?:none|no \w+|nothing)",
    r"ways? out",
    r"anew",
    r"nought",
    r"so many (?:seconds|minutes|calls|dials|times)",
    r"for good",
    r"sets? aside",
    r"forsaken",
    r"let down",
    r"opposition lists?",
    r"shut clocks?|clocks? that (?:are|is) shut",
    r"withdrawn dials?",
    r"pace \{name\} so",
    r"binds on",
    r"holds no more",
)
"""Refused in docstrings, comments, messages and documents, whatever their case."""
VARIABLES: Final = frozenset({"one", "those", "told", "asked", "wanted", "found", "kept"})
"""Refused as names of variables and parameters: the thing has a name."""
NAMES: Final = frozenset(
    {
        "AgiDesk",
        "CampaignDesk",
        "Course",
        "Cuts",
        "DialingView",
        "FastAgiDesk",
        "Forsaken",
        "KeyAllowance",
        "KeyAllowances",
        "KeyDesk",
        "KeyPressed",
        "KeyStore",
        "LAW_PRACTICE",
        "LeadClock",
        "LockDesk",
        "LockedRoom",
        "MistakenShare",
        "NewKeyAllowance",
        "OpenClocks",
        "OppositionList",
        "OppositionReport",
        "OppositionStore",
        "OppositionWithdrawal",
        "Oppositions",
        "OwnCallDesk",
        "PaceReason",
        "Practice",
        "PreviewDesk",
        "Previewing",
        "ProofDesk",
        "ResultDesk",
        "Rota",
        "Shelf",
        "SoleLock",
        "SoleLostError",
        "Strangers",
        "Told",
        "WHOSE",
        "Watching",
        "Whose",
        "WithdrawnDials",
        "census",
        "has_risked",
        "is_covered",
        "is_risked",
        "is_shut",
        "is_sole",
        "kept_from",
        "learned_said",
        "may_fetch",
        "may_risk",
        "practice_of",
        "unheard",
        "way_out",
        "why_not",
    }
)
"""Names that classes, functions and attributes had."""
MODULES: Final = frozenset(
    {
        "asked",
        "crowd",
        "dialing_view",
        "ears",
        "fates",
        "forsaken",
        "given_back",
        "lead_buckets",
        "lead_choice",
        "lead_clocks",
        "lead_rota",
        "lead_steps",
        "list_terms",
        "open_clocks",
        "opposition_digests",
        "own_desk",
        "previewing",
        "proof_desk",
        "propensity",
        "sharing",
        "sole",
        "stage",
        "strangers",
        "watch_cuts",
        "watch_incidents",
        "watching",
        "withdrawal",
        "withdrawn_dials",
    }
)
"""Names that modules had."""
_PROSE: Final = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in PHRASES), re.IGNORECASE)
EXEMPT: Final = (
    "CHANGELOG.md",
    "changelog.d/",
    "docs/adr/",
    "docs/glossary.md",
    "tests/house/words.py",
    "tests/house/test_words.py",
    "tests/upgrade/dumps/",
    "telephony/storage/migrations/versions/",
)
"""History, the glossary's own table, and this list."""


def files(*endings: str) -> list[Path]:
    """Return every source and document that is held, in order."""
    places = [ROOT / "telephony", ROOT / "tests", ROOT / "docs", ROOT / "dialplan", ROOT / "config"]
    paths = [path for place in places for path in place.rglob("*") if path.suffix in endings]
    paths += [path for path in ROOT.glob("*.md") if path.suffix in endings]
    return sorted(path for path in paths if not name_of(path).startswith(EXEMPT))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def phrases_in(text: str) -> Iterator[str]:
    """Yield each refused phrase of a document, with its line."""
    for match in _PROSE.finditer(re.sub(r"\s*\n\s*(?:# )?", " ", text)):
        yield match.group(0)


def prose_of(source: str) -> str:
    """Return a module's docstrings, messages and comments, without its code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    kinds = (tokenize.STRING, tokenize.COMMENT)
    return "\n".join(token.string for token in tokens if token.type in kinds)


def variables_in(tree: ast.AST) -> Iterator[str]:
    """Yield each variable and parameter with a refused name, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VARIABLES:
            yield f"{node.lineno} {node.id}"
        elif isinstance(node, ast.arg) and node.arg in VARIABLES:
            yield f"{node.lineno} {node.arg}"
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name in VARIABLES:
            yield f"{node.lineno} {node.name}"


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield each old name that is still defined or used, with its line."""
    for node in ast.walk(tree):
        name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(name, str) and name in NAMES:
            yield f"{getattr(node, 'lineno', 0)} {name}"
