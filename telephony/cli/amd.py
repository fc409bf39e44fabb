"""``telephony amd``: review calls that AMD took for answering machines, and estimate how many were people."""

from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, current_user, format_time, print_json, print_table, with_workbench
from telephony.errors import InputError
from telephony.ids import AttemptId
from telephony.services.recordings.amd_review import WINDOW, AmdReview

amd_app = typer.Typer(
    name="amd", no_args_is_help=True, help="Answering machine detection (AMD): review a sample, show the estimate."
)


@amd_app.command("list")
def list_(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)], as_json: AsJson = False
) -> None:
    """List the sampled calls of the last 30 days to review, and the estimate of AMD false positives.

    Example: telephony amd list "Satisfaction fibre"
    """

    async def work(bench: Services) -> dict[str, Any]:
        amd = AmdReview(bench.store, bench.clock)
        campaign_id = (await bench.store.campaigns.by_name(campaign)).campaign_id
        sample = await amd.counts(campaign_id, bench.clock.now() - WINDOW)
        counts = {"machines": sample.machines, "reviewed": sample.reviewed, "people": sample.people}
        rows = await amd.to_review(campaign_id)
        return counts | {"taken_for_machines": round(sample.taken_for_machines, 1), "to_review": rows}

    review = with_workbench(work)
    if as_json:
        print_json(review)
        return
    rows = [(format_time(call.answered_at), call.attempt_id, call.recording_id) for call in review["to_review"]]
    print_table("to review", ("answered", "attempt", "recording"), rows, "no call to review")
    typer.echo(
        f"AMD took {review['machines']} calls for machines; {review['reviewed']} reviewed, {review['people']} of them"
        f" people; estimated false positives: {review['taken_for_machines']}"
    )


@amd_app.command()
def review(
    attempt: Annotated[str, typer.Argument(help="Id of the attempt.", show_default=False)],
    person: Annotated[
        bool | None, typer.Option("--person/--machine", help="Who answered: a person or an answering machine.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Enter who really answered a call, after listening to its recording.

    Example: telephony amd review 6c1f5f0e-5a7b-4c0e-9d3f-2f6f7e1b9a10 --person
    """
    if person is None:
        raise InputError("give --person or --machine: who answered the call")

    async def work(bench: Services) -> None:
        await AmdReview(bench.store, bench.clock).review(AttemptId(attempt), was_person=bool(person), by=current_user())

    with_workbench(work)
    if as_json:
        print_json({"attempt": attempt, "heard": "person" if person else "machine"})
    else:
        typer.echo(f"{attempt}: {'a person' if person else 'a machine'}")
