"""``telephony recordings``: list, show, export. Looking at a tag is free; taking a file out needs a reason."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, who, with_workbench, within_reach
from telephony.domain.evidence.recordings import ListeningReason, Recording, RecordingQuery
from telephony.domain.numbers.numbers import masked
from telephony.domain.numbers.typed import ending_of
from telephony.errors import ArchiveError, InputError
from telephony.ids import OperatorId, RecordingId, is_uuid

recordings_app = typer.Typer(name="recordings", no_args_is_help=True, help="Recordings: list, show, export.")
Id = Annotated[str, typer.Argument(help="The recording's id.", show_default=False)]
When = Annotated[datetime | None, typer.Option(help="On the site's clock, e.g. 2026-11-23T14:00.")]


@recordings_app.command("list")
def list_(
    operator: Annotated[str | None, typer.Option(help="Work name of the operator.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Name of the campaign.")] = None,
    last_digits: Annotated[str | None, typer.Option(help="The number, in any writing, or its last digits.")] = None,
    since: When = None,
    until: When = None,
    all_: Annotated[bool, typer.Option("--all", help="Also legs that nobody answered.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List recordings, newest first.

    Examples:
      telephony recordings list --last-digits 4127 --since 2026-11-23T14:00

      telephony recordings list --operator Claire --json
    """

    async def work(bench: Services) -> Sequence[Recording]:
        query = RecordingQuery(
            operator_id=None if operator is None else await _operator_id(operator, bench),
            campaign_id=(await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None,
            last_digits=ending,
            begins_at=_at_site(since, bench),
            ends_at=_at_site(until, bench),
            answered_only=not all_,
            limit=limit,
        )
        return await bench.store.recordings.search(query)

    ending = None if last_digits is None else ending_of(last_digits)
    if last_digits is not None and ending is None:
        raise InputError("--last-digits takes a whole number, such as 01 99 00 41 27, or its last 1 to 10 digits")
    recordings = with_workbench(work)
    if as_json:
        print_json([_public(recording) for recording in recordings])
    else:
        columns = ("started", "number", "operator", "seat", "campaign", "length", "recording")
        print_table(
            "recordings",
            columns,
            [_row(recording) for recording in recordings],
            "no recording matches; widen the search",
        )


async def _operator_id(name: str, bench: Services) -> OperatorId:
    for operator in await bench.store.accounts.operators():
        if operator.name == name:
            return operator.operator_id
    raise InputError(f"no operator is called {name}; see telephony operator list")


def _row(recording: Recording) -> tuple[object, ...]:
    tag = recording.tag
    length = f"{recording.file.length_s:.1f} s" if recording.file else "no audio"
    number = masked(tag.number)
    return (moment(tag.started_at), number, tag.operator, tag.seat, tag.campaign, length, tag.recording_id)


@recordings_app.command()
def show(recording: Id, as_json: AsJson = False) -> None:
    """Show one recording: its tag, the tag inside its file, whether the file is intact, who listened.

    Example: telephony recordings show 0b2f4c1e-5a77-4c0e-9d0a-1f2e3d4c5b6a
    """

    async def work(bench: Services) -> dict[str, Any]:
        one = await bench.store.recordings.get(_id(recording))
        listenings = await bench.store.recordings.listenings(one.tag.recording_id)
        shown = _public(one) | {"listenings": plain(listenings)}
        if one.file is not None:
            shown["intact"] = await bench.archive.verify(one.file)
            shown["path"] = str(bench.archive.location(one.file))
            in_file = await bench.archive.read_tag(one.file)
            shown["tag_in_file"] = in_file | {"number": masked(one.tag.number)}
            shown["tag_agrees"] = in_file.get("recording_id") == recording and in_file.get("number") == one.tag.number
        return shown

    shown = with_workbench(work)
    if as_json:
        print_json(shown)
        return
    rows = [(key, value) for key, value in shown["tag"].items()]
    rows += [(key, value) for key, value in (shown["file"] or {}).items() if key != "path"]
    rows += [(key, shown[key]) for key in ("path", "intact", "tag_agrees") if key in shown]
    print_table(f"recording {recording}", ("what", "value"), rows, "")


@recordings_app.command()
def export(
    recording: Id,
    to: Annotated[Path, typer.Option(help="Folder to copy the file into; it must exist.")],
    reason: Annotated[ListeningReason, typer.Option(help="Why the file leaves.")],
    reference: Annotated[str, typer.Option(help="The case it belongs to, e.g. a complaint's number.")],
    as_json: AsJson = False,
) -> None:
    """Copy a recording's file out, after checking it is intact; the export is entered in the ledger first.

    Example: telephony recordings export ID --to /tmp --reason complaint --reference 2291
    """

    async def work(bench: Services) -> Path:
        one = await bench.store.recordings.get(_id(recording))
        if one.file is None:
            raise InputError(f"recording {recording} has no audio: nobody answered and nothing was said")
        if not to.is_dir():
            raise InputError(f"{to}: no such folder")
        target = to / f"{recording}.flac"
        if target.exists():
            raise InputError(f"{target}: exists already; choose another folder")
        if not reference.strip():
            raise InputError("--reference is empty: name the case the file leaves for")
        if not await bench.archive.verify(one.file):
            raise ArchiveError(f"recording {recording}: the file is not the one that was kept; open an incident")
        await bench.listening.export(one.tag.recording_id, reason, reference, who())
        try:
            shutil.copyfile(bench.archive.location(one.file), target)
        except OSError as error:
            raise ArchiveError(f"{target}: cannot be written ({error.strerror}); choose another folder") from error
        return target

    target = with_workbench(work)
    if as_json:
        print_json({"file": target})
    else:
        typer.echo(str(target))


def _at_site(given: datetime | None, bench: Services) -> datetime | None:
    """Return a wall-clock time that was typed, on the site's clock, whatever the machine's is."""
    return None if given is None else within_reach(given).replace(tzinfo=ZoneInfo(bench.settings.site.timezone))


def _id(text: str) -> RecordingId:
    if not is_uuid(text):
        raise InputError("a recording's id is a UUID, as telephony recordings list shows it")
    return RecordingId(text)


def _public(one: Recording) -> dict[str, Any]:
    shown: dict[str, Any] = plain(one)
    shown["tag"]["number"] = masked(one.tag.number)
    return shown
