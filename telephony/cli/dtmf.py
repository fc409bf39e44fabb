"""``telephony campaign keys``: which campaigns may use keys of the telephone, why, and who agreed."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, given_moment, moment, print_json, print_table, tell, who, with_workbench
from telephony.domain.security.dtmf import MOST, MOST_EVER, DtmfAllowance

keys_app = typer.Typer(name="keys", no_args_is_help=True, help="Keys an operator may press in a campaign's calls.")
Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; no telephone number.", show_default=False)]


@keys_app.command()
def allow(
    name: Name,
    reason: Reason,
    most: Annotated[int, typer.Option(help=f"Keys in one call, 1 to {MOST_EVER}.")] = MOST,
    until: Annotated[str | None, typer.Option(help="First moment they pass no more; default: until denied.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for keys in a campaign's calls; they pass once somebody else has approved it.

    Example: telephony campaign keys allow "Fibre" --reason "switchboards ask for 1 or 2" --until 2026-12-31
    """

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        ends_at = given_moment(until, bench.settings.site.timezone)
        return await bench.keys.ask(campaign.campaign_id, reason=reason, by=who(), most=most, until=ends_at)

    one = with_workbench(work)
    tell(one, f"{name}: keys wait for somebody else, who runs telephony campaign keys approve", as_json=as_json)


@keys_app.command()
def approve(name: Name, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Agree, as the second person: keys pass in calls that begin from now on.

    Example: telephony campaign keys approve "Fibre" --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.keys.approve(campaign.campaign_id, await second_person(bench, username, password))

    one = with_workbench(work)
    tell(one, f"{name}: {one.asked.most} keys a call are allowed, approved by {one.approved_by}", as_json=as_json)


@keys_app.command()
def deny(name: Name, reason: Reason, as_json: AsJson = False) -> None:
    """Let no key of a campaign pass any more, calls under way included.

    Example: telephony campaign keys deny "Fibre" --reason "the switchboards are done"
    """

    async def work(bench: Services) -> DtmfAllowance:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.keys.deny(campaign.campaign_id, reason=reason, by=who())

    tell(with_workbench(work), f"{name}: no key passes", as_json=as_json)


@keys_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the campaigns that may use keys, and those that wait for approval.

    Example: telephony campaign keys list
    """

    async def work(bench: Services) -> list[tuple[str, DtmfAllowance]]:
        names = {one.campaign_id: one.name for one in await bench.store.campaigns.all()}
        return [(names[one.asked.campaign_id], one) for one in await bench.keys.standing()]

    found = with_workbench(work)
    if as_json:
        print_json([one for _, one in found])
        return
    rows = [
        (
            name,
            one.asked.most,
            one.asked.reason,
            one.asked.author,
            one.approved_by or "waits",
            moment(one.asked.valid_until),
        )
        for name, one in found
    ]
    columns = ("campaign", "keys a call", "why", "asked by", "approved by", "until")
    print_table("keys", columns, rows, "no campaign may use keys")
