"""``telephony campaign dtmf``: which campaigns may send DTMF, why, and who approved it."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import (
    AsJson,
    current_user,
    emit,
    format_time,
    parse_time,
    print_json,
    print_table,
    with_workbench,
)
from telephony.domain.security.dtmf import MOST, MOST_EVER, DtmfAllowance

dtmf_app = typer.Typer(
    name="dtmf", no_args_is_help=True, help="DTMF in a campaign's calls: allow, approve, deny, list."
)
Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; no telephone number.", show_default=False)]


@dtmf_app.command()
def allow(
    name: Name,
    reason: Reason,
    max_digits: Annotated[int, typer.Option(help=f"DTMF digits per call, 1 to {MOST_EVER}.")] = MOST,
    until: Annotated[str | None, typer.Option(help="End time, exclusive; default: until denied.")] = None,
    as_json: AsJson = False,
) -> None:
    """Request DTMF for a campaign's calls. A second person approves it.

    Example: telephony campaign dtmf allow "Fibre" --reason "switchboards ask for 1 or 2" --until 2026-12-31
    """

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        ends_at = parse_time(until, bench.settings.site.timezone)
        return await bench.keys.ask(
            campaign.campaign_id, reason=reason, by=current_user(), most=max_digits, until=ends_at
        )

    allowance = with_workbench(work)
    emit(
        allowance,
        f"{name}: DTMF is pending: a second person approves it with telephony campaign dtmf approve",
        as_json=as_json,
    )


@dtmf_app.command()
def approve(name: Name, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Approve a campaign's DTMF as the second person. It applies from the next call on.

    Example: telephony campaign dtmf approve "Fibre" --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.keys.approve(campaign.campaign_id, await second_person(bench, username, password))

    allowance = with_workbench(work)
    emit(
        allowance,
        f"{name}: {allowance.request.most} DTMF digits per call are allowed, approved by {allowance.approved_by}",
        as_json=as_json,
    )


@dtmf_app.command()
def deny(name: Name, reason: Reason, as_json: AsJson = False) -> None:
    """Block DTMF in a campaign at once, also in calls in progress.

    Example: telephony campaign dtmf deny "Fibre" --reason "the switchboards are done"
    """

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.keys.deny(campaign.campaign_id, reason=reason, by=current_user())

    emit(with_workbench(work), f"{name}: DTMF is blocked", as_json=as_json)


@dtmf_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the campaigns with DTMF allowed or pending approval.

    Example: telephony campaign dtmf list
    """

    async def work(bench: Services) -> list[tuple[str, DtmfAllowance]]:
        names = {campaign.campaign_id: campaign.name for campaign in await bench.store.campaigns.all()}
        return [(names[allowance.request.campaign_id], allowance) for allowance in await bench.keys.standing()]

    allowances = with_workbench(work)
    if as_json:
        print_json([allowance for _, allowance in allowances])
        return
    rows = [
        (
            name,
            allowance.request.most,
            allowance.request.reason,
            allowance.request.author,
            allowance.approved_by or "pending",
            format_time(allowance.request.valid_until),
        )
        for name, allowance in allowances
    ]
    columns = ("campaign", "digits per call", "reason", "requested by", "approved by", "until")
    print_table("DTMF", columns, rows, "no campaign may send DTMF")
