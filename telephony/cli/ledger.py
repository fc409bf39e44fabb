"""``telephony ledger``: is the chain whole, and what stands in it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from telephony.app.wiring.daily_proof import proving
from telephony.cli.prove import grouped, progress, read_proof
from telephony.cli.session import AsJson, moment, print_json, print_table, settings
from telephony.domain.evidence.ledger import LedgerEntry
from telephony.domain.evidence.proof_document import LedgerHead
from telephony.errors import InputError, SettingsError
from telephony.services.evidence.chain import ChainVerdict
from telephony.services.evidence.signing import SigningKey, verified
from telephony.settings import ProofSettings

ledger_app = typer.Typer(name="ledger", no_args_is_help=True, help="The ledger: verify the chain, list entries.")


@ledger_app.command()
def verify(
    proof: Annotated[list[Path] | None, typer.Option(help="Signed proof kept elsewhere; may be repeated.")] = None,
    public_key: Annotated[str | None, typer.Option(help="With --proof: the key it must be signed with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole chain; exit status 1 when an entry was changed, removed or inserted, or the end was cut off.

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
        typer.echo(f"BROKEN: {verdict.fault}; good up to entry {verdict.head.sequence}")
    else:
        typer.echo(f"whole: {verdict.head.sequence} entries, head {grouped(verdict.head.hash[:16])} …")
        for note in filter(None, (verdict.unseen, why and f"the head was not kept: {why}")):
            typer.echo(note)
    if verdict.fault:
        raise typer.Exit(1)


@ledger_app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind, e.g. permit_refused.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only entries about this id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first.

    Examples:
      telephony ledger list --kind permit_refused --limit 20

      telephony ledger list --subject 2026-11-22
    """

    async def work() -> Sequence[LedgerEntry]:
        async with proving(settings()) as (_, entries):
            return await entries.entries(kind, subject, limit)

    found = asyncio.run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.sequence, moment(one.note.at), one.note.kind, one.note.subject, _body(one), one.hash[:8]) for one in found
    ]
    print_table("ledger", ("entry", "at", "kind", "about", "what", "hash"), rows, "no such entry")


def _body(entry: LedgerEntry) -> str:
    return ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in entry.note.body.items())


def _key(places: ProofSettings, *, may_make: bool) -> tuple[SigningKey | None, str]:
    """Return the key that the head is kept with, or why there is none; ``may_make`` one at the first check of all.

    Raises:
        SettingsError: a head is there and its key is gone: nothing could be found out about a cut end.
    """
    if not places.key.exists() and places.head.exists():
        raise SettingsError(f"proof.key: {places.key} is gone, and {places.head} is signed with it: restore its backup")
    try:
        return SigningKey.at(places.key) if may_make else SigningKey.read(places.key), ""
    except SettingsError as error:
        return None, str(error)


def _head(path: Path, public_key: str) -> LedgerHead:
    signed = verified(read_proof(path), public_key)
    try:
        return LedgerHead(int(signed.proof["ledger"]["sequence"]), str(signed.proof["ledger"]["hash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: holds no ledger head") from error
