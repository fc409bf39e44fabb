"""``telephony machine``: listen again to calls taken for answering machines, and what that says of the detector."""

from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, print_json, print_table, who, with_workbench
from telephony.errors import InputError
from telephony.ids import AttemptId
from telephony.services.recordings.amd_review import WINDOW, AmdReview

machine_app = typer.Typer(
    name="machine", no_args_is_help=True, help="Calls taken for answering machines: review a sample, see the estimate."
)


@machine_app.command("list")
def list_(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)], as_json: AsJson = False
) -> None:
    """List the sampled calls of 30 days that nobody has listened to yet, and the estimate so far.

    Example: telephony machine list "Satisfaction fibre"
    """

    async def work(bench: Services) -> dict[str, Any]:
        machines = AmdReview(bench.store, bench.clock)
        campaign_id = (await bench.store.campaigns.by_name(campaign)).campaign_id
        found = await machines.counts(campaign_id, bench.clock.now() - WINDOW)
        counts = {"machines": found.machines, "reviewed": found.reviewed, "people": found.people}
        rows = await machines.to_review(campaign_id)
        return counts | {"taken_for_machines": round(found.taken_for_machines, 1), "to_review": rows}

    found = with_workbench(work)
    if as_json:
        print_json(found)
        return
    rows = [(moment(one.answered_at), one.attempt_id, one.recording_id) for one in found["to_review"]]
    print_table("to listen to", ("answered", "attempt", "recording"), rows, "nothing waits to be listened to")
    typer.echo(
        f"{found['machines']} calls taken for machines, {found['reviewed']} listened to, {found['people']} of them"
        f" people; {found['taken_for_machines']} people in all, it is estimated"
    )


@machine_app.command()
def review(
    attempt: Annotated[str, typer.Argument(help="Id of the attempt.", show_default=False)],
    person: Annotated[bool | None, typer.Option("--person/--machine", help="Who answered.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say who really answered, after listening to the recording.

    Example: telephony machine review 6c1f5f0e-5a7b-4c0e-9d3f-2f6f7e1b9a10 --person
    """
    if person is None:
        raise InputError("say who answered: --person or --machine")

    async def work(bench: Services) -> None:
        await AmdReview(bench.store, bench.clock).review(AttemptId(attempt), was_person=bool(person), by=who())

    with_workbench(work)
    if as_json:
        print_json({"attempt": attempt, "heard": "person" if person else "machine"})
    else:
        typer.echo(f"{attempt}: {'a person' if person else 'a machine'}")
