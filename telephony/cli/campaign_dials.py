"""``telephony campaign detect-machines`` and ``withdraw-dials``: what becomes of a dial before an operator has it."""

from typing import Annotated

import typer

from telephony.app.services import Services
from telephony.cli.session import AsJson, print_json, who, with_workbench
from telephony.domain.campaigns import Campaign
from telephony.domain.modes import withdrawing_effect_of
from telephony.errors import InputError

Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]


def detect_machines(
    name: Name,
    detects: Annotated[bool | None, typer.Option("--on/--off", help="Listen for an answering machine, or not.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell answering machines from people, or not, from the next dial on; people wait up to 1.7 s for it.

    Example: telephony campaign detect-machines "Satisfaction fibre" --off
    """
    if detects is None:
        raise InputError("say --on to tell machines from people, or --off")

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.set_detecting(campaign.campaign_id, who(), detects=detects)

    campaign = with_workbench(work)
    if as_json:
        print_json(campaign)
        return
    how = "told from people" if campaign.detects_machines else "not looked for"
    typer.echo(f"{campaign.name}: answering machines are {how}")


def withdraw_dials(
    name: Name,
    after: Annotated[int | None, typer.Option(help="Seconds a dial has rung in vain, 15 to 60.")] = None,
    never: Annotated[bool, typer.Option("--never", help="Let every dial ring out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hang dials up that ring in vain, in predictive mode: each still counts as an attempt at the person.

    Examples:
      telephony campaign withdraw-dials "Satisfaction fibre" --after 15

      telephony campaign withdraw-dials "Satisfaction fibre" --never
    """
    if (after is None) is not never:
        raise InputError("say how long a dial rings before it may be withdrawn, --after 15, or --never")

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.set_withdrawing(campaign.campaign_id, after or 0, who())

    typer.echo(withdrawing_effect_of(after or 0).en, err=True)
    campaign = with_workbench(work)
    if as_json:
        print_json(campaign)
        return
    rings = f"withdrawn after {campaign.withdraw_after_s} s at least" if campaign.withdraw_after_s else "ring out"
    typer.echo(f"{campaign.name}: dials that ring in vain {rings}")
