"""``telephony prove``: reconcile one day's calls from both sides and sign the result; verify a proof offline."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.wiring.daily_proof import proving
from telephony.cli.session import AsJson, current_user, print_json, print_table, settings
from telephony.domain.evidence.proof_document import ALL_MATCH, SignedProof
from telephony.errors import InputError
from telephony.services.evidence.proofs import keep
from telephony.services.evidence.signing import SigningKey, verified

GROUP: Final = 4


def prove(
    day: Annotated[str, typer.Option(help="today, yesterday or a date, in the site's time zone.")] = "today",
    out: Annotated[Path | None, typer.Option(help="Folder for the signed proof; default: proof.folder.")] = None,
    make_key: Annotated[
        bool, typer.Option("--make-key", help="Only create the signing key and print its public key.")
    ] = (False),
    verify: Annotated[Path | None, typer.Option(help="Verify this signed proof instead; needs no database.")] = None,
    public_key: Annotated[
        str | None, typer.Option(help="With --verify: the site's public key, from a copy kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that a day's calls, permits and recordings match. Exit status 1 if there is a gap.

    Examples:
      telephony prove --day yesterday

      telephony prove --make-key

      telephony prove --verify proof-2026-11-22-9c4177e0.json --public-key 3d40…
    """
    if verify is not None:
        _verify(verify, public_key, as_json=as_json)
        return
    if public_key is not None:
        raise InputError("--public-key needs --verify: proofs are signed with the key in proof.key")
    if make_key:
        print(SigningKey.made(settings().proof.key).public_key)
        return
    chosen = settings()
    signer = SigningKey.at(chosen.proof.key)

    async def work(report: Callable[[str, int, int], None]) -> SignedProof:
        async with proving(chosen) as (service, _):
            return await service.prove(service.day(day), signer, current_user(), report)

    with progress() as report:
        signed = asyncio.run(work(report))
    path = keep(out or chosen.proof.folder, signed, "--out" if out else "proof.folder")
    _print_proof(signed, str(path), as_json=as_json)


def _verify(path: Path, public_key: str | None, *, as_json: bool) -> None:
    if public_key is None:
        raise InputError("--verify needs --public-key: give the key you kept, not one that came with the proof")
    _print_proof(verified(read_proof(path), public_key), "", as_json=as_json)


def read_proof(path: Path) -> bytes:
    """Return the bytes of a proof's file; InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def _print_proof(signed: SignedProof, path: str, *, as_json: bool) -> None:
    matches = signed.proof["verdict"] == ALL_MATCH
    if as_json:
        print_json(json.loads(signed.text) | ({"file": path} if path else {}))
    else:
        _print_text(signed, path)
    if not matches:
        raise typer.Exit(1)


def _print_text(signed: SignedProof, path: str) -> None:
    proof, counts, gaps = signed.proof, signed.proof["counts"], signed.proof["gaps"]
    verdict = "All match" if proof["verdict"] == ALL_MATCH else f"Gaps: {len(gaps)}"
    over = "" if proof["is_day_over"] else f" until {proof['made_at'][11:19]} UTC"
    print(f"PROOF OF {proof['day']}{over}    {verdict}")
    sign = "=" if counts["calls_seen"] == counts["permits_used"] == counts["recordings"] else "|"
    print(
        f"Calls seen {counts['calls_seen']} {sign} Permits used {counts['permits_used']} {sign}"
        f" Recordings {counts['recordings']} (with audio {counts['with_audio']})"
    )
    heard = f"Listenings {counts['listenings']} by {counts['listeners']} people"
    print(
        f"Gaps {len(gaps)} | Refusals {counts['refusals']} | {_abandons(counts)} | {heard} | Alerts {counts['alerts']}"
    )
    if proof["open"]:
        print(f"Open {len(proof['open'])}: calls still up, or recordings not finished")
    if counts["not_dialled"]:
        print(f"Cancelled at the gate before a trunk leg existed: {counts['not_dialled']}")
    if gaps:
        print_table(
            "gaps", ("kind", "subject", "what"), [(gap["kind"], gap["subject"], gap["text"]) for gap in gaps], ""
        )
    print(f"Fingerprint {grouped(signed.sha256)}   {_link(proof)}")
    print(f"Ledger {proof['ledger']['sequence']} entries, head {grouped(proof['ledger']['hash'][:16])} …")
    print(f"Signed{'' if proof['verdict'] == ALL_MATCH else ' with gaps'} by public key {signed.public_key}")
    if path:
        print(f"File {path}")


def _abandons(counts: dict[str, Any]) -> str:
    base = counts["abandoned"] + counts["connected"]
    share = 100 * counts["abandoned"] / base if base else 0.0
    return f"Abandons {counts['abandoned']} ({share:.1f} %)"


def _link(proof: Any) -> str:
    earlier = proof["earlier"]
    if earlier is None:
        return "first proof: no earlier one to link"
    before = date.fromisoformat(proof["day"]) - timedelta(days=1)
    if earlier["day"] == before.isoformat():
        return f"day before linked ✓ {grouped(earlier['sha256'][:8])}"
    return f"linked to {earlier['day']}: the day before has no proof"


def grouped(digest: str) -> str:
    """Return a digest in groups of four characters, to be read aloud."""
    return " ".join(digest[start : start + GROUP] for start in range(0, len(digest), GROUP))


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on standard error if it is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield report
