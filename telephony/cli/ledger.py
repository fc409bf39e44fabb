"""``telephony ledger``: verify the chain of seals and list its entries."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from telephony.app.wiring.daily_proof import proving
from telephony.cli.prove import grouped, progress, read_proof
from telephony.cli.session import AsJson, format_time, print_json, print_table, settings
from telephony.domain.evidence.ledger import LedgerEntry
from telephony.domain.evidence.proof_document import LedgerHead
from telephony.errors import InputError, SettingsError
from telephony.services.evidence.chain import ChainVerdict
from telephony.services.evidence.signing import SigningKey, verified
from telephony.settings import ProofSettings

ledger_app = typer.Typer(name="ledger", no_args_is_help=True, help="The ledger: verify the chain, list entries.")


@ledger_app.command()
def verify(
    proof: Annotated[
        list[Path] | None, typer.Option(help="Signed proof kept elsewhere, to compare with; may be repeated.")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(help="With --proof: the public key that must have signed it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the whole chain. Exit status 1 if an entry was changed, removed or inserted, or the end was cut off.

    Examples:
      telephony ledger verify

      telephony ledger verify --proof /media/usb/proof-2026-11-22-9c4177e0.json --public-key 3d40…
    """
    chosen = settings()
    signer, why = _key(chosen.proof, may_make=not proof)
    key = public_key or (signer.public_key if signer else None)
    if proof and key is None:
        raise InputError(f"--proof needs --public-key here: {why}")
    heads = {str(path): _head(path, key or "") for path in proof or ()}

    async def work(report: Callable[[str, int, int], None]) -> ChainVerdict:
        async with proving(chosen) as (service, _):
            return await service.verify_ledger(signer, heads, report)

    with progress() as report:
        verdict = asyncio.run(work(report))
    if as_json:
        print_json(verdict)
    elif verdict.fault:
        typer.echo(f"BROKEN: {verdict.fault}; valid up to entry {verdict.head.sequence}")
    else:
        typer.echo(f"intact: {verdict.head.sequence} entries, head {grouped(verdict.head.hash[:16])} …")
        for note in filter(None, (verdict.unseen, why and f"the head was not stored: {why}")):
            typer.echo(note)
    if verdict.fault:
        raise typer.Exit(1)


@ledger_app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only this kind, e.g. permit_refused.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only entries about this id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number of rows.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List ledger entries, newest first.

    Examples:
      telephony ledger list --kind permit_refused --limit 20

      telephony ledger list --subject 2026-11-22
    """

    async def work() -> Sequence[LedgerEntry]:
        async with proving(settings()) as (_, entries):
            return await entries.entries(kind, subject, limit)

    ledger_entries = asyncio.run(work())
    if as_json:
        print_json(ledger_entries)
        return
    rows = [
        (entry.sequence, format_time(entry.note.at), entry.note.kind, entry.note.subject, _body(entry), entry.hash[:8])
        for entry in ledger_entries
    ]
    print_table("ledger", ("entry", "at", "kind", "about", "what", "hash"), rows, "no matching entry")


def _body(entry: LedgerEntry) -> str:
    return ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in entry.note.body.items())


def _key(places: ProofSettings, *, may_make: bool) -> tuple[SigningKey | None, str]:
    """Return the key that signs the stored head, or why there is none. ``may_make``: create it at the first check.

    Raises:
        SettingsError: there is a head but its key is missing, so a cut end could not be detected.
    """
    if not places.key.exists() and places.head.exists():
        raise SettingsError(
            f"proof.key: {places.key} is missing, and {places.head} is signed with it: restore it from a backup"
        )
    try:
        return SigningKey.at(places.key) if may_make else SigningKey.read(places.key), ""
    except SettingsError as error:
        return None, str(error)


def _head(path: Path, public_key: str) -> LedgerHead:
    signed = verified(read_proof(path), public_key)
    try:
        return LedgerHead(int(signed.proof["ledger"]["sequence"]), str(signed.proof["ledger"]["hash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: contains no ledger head") from error
