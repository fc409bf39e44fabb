"""``telephony recording``: list, show and export recordings. An export needs a reason."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import (
    AsJson,
    checked_time,
    current_user,
    format_time,
    plain,
    print_json,
    print_table,
    with_workbench,
)
from telephony.domain.evidence.recordings import ListeningReason, Recording, RecordingQuery
from telephony.domain.numbers.numbers import masked
from telephony.domain.numbers.typed import ending_of
from telephony.errors import ArchiveError, InputError
from telephony.ids import OperatorId, RecordingId, is_uuid

recording_app = typer.Typer(name="recording", no_args_is_help=True, help="Recordings: list, show, export.")
Id = Annotated[str, typer.Argument(help="The recording's id.", show_default=False)]
When = Annotated[datetime | None, typer.Option(help="Site's time, e.g. 2026-11-23T14:00.")]


@recording_app.command("list")
def list_(
    operator: Annotated[str | None, typer.Option(help="Work name of the operator.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Name of the campaign.")] = None,
    last_digits: Annotated[str | None, typer.Option(help="The number in any format, or its last digits.")] = None,
    since: When = None,
    until: When = None,
    all_: Annotated[bool, typer.Option("--all", help="Include unanswered legs.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number of rows.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List recordings, newest first.

    Examples:
      telephony recording list --last-digits 4127 --since 2026-11-23T14:00

      telephony recording list --operator Claire --json
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
    raise InputError(f"no operator has the work name {name}; see telephony operator list")


def _row(recording: Recording) -> tuple[object, ...]:
    tag = recording.tag
    length = f"{recording.file.length_s:.1f} s" if recording.file else "no audio"
    number = masked(tag.number)
    return (format_time(tag.started_at), number, tag.operator, tag.seat, tag.campaign, length, tag.recording_id)


@recording_app.command()
def show(recording: Id, as_json: AsJson = False) -> None:
    """Show a recording: its tag, the tag in its file, whether the file is intact, and who listened.

    Example: telephony recording show 0b2f4c1e-5a77-4c0e-9d0a-1f2e3d4c5b6a
    """

    async def work(bench: Services) -> dict[str, Any]:
        row = await bench.store.recordings.get(_id(recording))
        listenings = await bench.store.recordings.listenings(row.tag.recording_id)
        shown = _public(row) | {"listenings": plain(listenings)}
        if row.file is not None:
            shown["intact"] = await bench.archive.verify(row.file)
            shown["path"] = str(bench.archive.location(row.file))
            in_file = await bench.archive.read_tag(row.file)
            shown["tag_in_file"] = in_file | {"number": masked(row.tag.number)}
            shown["tag_agrees"] = in_file.get("recording_id") == recording and in_file.get("number") == row.tag.number
        return shown

    shown = with_workbench(work)
    if as_json:
        print_json(shown)
        return
    rows = [(key, value) for key, value in shown["tag"].items()]
    rows += [(key, value) for key, value in (shown["file"] or {}).items() if key != "path"]
    rows += [(key, shown[key]) for key in ("path", "intact", "tag_agrees") if key in shown]
    print_table(f"recording {recording}", ("what", "value"), rows, "")


@recording_app.command()
def export(
    recording: Id,
    to: Annotated[Path, typer.Option(help="Existing folder to copy the file into.")],
    reason: Annotated[ListeningReason, typer.Option(help="Why the file leaves.")],
    reference: Annotated[str, typer.Option(help="Reference of the case, e.g. a complaint's number.")],
    as_json: AsJson = False,
) -> None:
    """Export a recording's file after checking that it is intact. Enters the export in the ledger first.

    Example: telephony recording export ID --to /tmp --reason complaint --reference 2291
    """

    async def work(bench: Services) -> Path:
        row = await bench.store.recordings.get(_id(recording))
        if row.file is None:
            raise InputError(f"recording {recording} has no audio: nothing to export")
        if not to.is_dir():
            raise InputError(f"{to}: no such folder")
        target = to / f"{recording}.flac"
        if target.exists():
            raise InputError(f"{target}: already exists; choose another folder")
        if not reference.strip():
            raise InputError("--reference is empty: give the reference of the case")
        if not await bench.archive.verify(row.file):
            raise ArchiveError(f"recording {recording}: the file is not intact; report an incident")
        await bench.listening.export(row.tag.recording_id, reason, reference, current_user())
        try:
            shutil.copyfile(bench.archive.location(row.file), target)
        except OSError as error:
            raise ArchiveError(f"{target}: cannot be written ({error.strerror}); choose another folder") from error
        return target

    target = with_workbench(work)
    if as_json:
        print_json({"file": target})
    else:
        typer.echo(str(target))


def _at_site(given: datetime | None, bench: Services) -> datetime | None:
    """Return a typed wall-clock time in the site's time zone, whatever this host's is."""
    return None if given is None else checked_time(given).replace(tzinfo=ZoneInfo(bench.settings.site.timezone))


def _id(text: str) -> RecordingId:
    if not is_uuid(text):
        raise InputError("a recording's id is a UUID: copy it from telephony recording list")
    return RecordingId(text)


def _public(recording: Recording) -> dict[str, Any]:
    shown: dict[str, Any] = plain(recording)
    shown["tag"]["number"] = masked(recording.tag.number)
    return shown
