"""``telephony rules``: what the law and the site say of a call, which rows hold when, and dated exemptions."""

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import (
    AsJson,
    given_moment,
    moment,
    plain,
    print_json,
    print_table,
    settings,
    tell,
    who,
    with_workbench,
)
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.decision import TABLES
from telephony.domain.law.provisions import DUTIES, Law, Provision
from telephony.domain.law.site import Exemption
from telephony.domain.law.verdict import Verdict
from telephony.domain.numbers.numbers import masked
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.text.reason import Reason
from telephony.errors import InputError
from telephony.services.rules.facts import policy_of
from telephony.services.rules.whitelist import Answer
from telephony.words import english, reason_json, say, table

rules_app = typer.Typer(
    name="rules", no_args_is_help=True, help="The law and the site's rules: explain a call, list rows, exemptions."
)
Number = Annotated[int, typer.Argument(help="Number of the exemption.", show_default=False)]


@rules_app.command()
def explain(
    number: Annotated[str, typer.Argument(help="As people write it.", show_default=False)],
    campaign: Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)],
    at: Annotated[str | None, typer.Option(help="Moment of the call; now when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether a number may be called then, rule by rule. Exit status 0: yes, 1: no.

    Example: telephony rules explain "01 99 00 41 27" --campaign "Satisfaction fibre" --at 2026-12-24T19:59
    """

    async def work(bench: Services) -> Answer:
        chosen = await bench.store.campaigns.by_name(campaign)
        return await bench.whitelist.check(number, chosen, given_moment(at, bench.settings.site.timezone))

    answer = with_workbench(work)
    language = settings().site.language
    if as_json:
        print_json(_explained(answer))
    else:
        _print_answer(answer, language)
    raise typer.Exit(0 if answer.is_allowed else 1)


def _print_answer(answer: Answer, language: str) -> None:
    said = "yes" if answer.is_allowed else "no"
    at = table("en").moment(answer.at.astimezone(ZoneInfo(settings().site.timezone)))
    typer.echo(f"{said}: {masked(answer.number)} for {answer.campaign.name} on {at}")
    clocks = " and ".join(answer.place.zones) or "an unknown clock"
    typer.echo(f"  under the law of {_law_of(answer)}, on {clocks}")
    law = {str(one.row.law) for one in answer.law}
    for one in answer.refused:
        if one.rule not in law:
            typer.echo(f"  no: {english(one.reason)} [{one.rule}]")
    rows = [
        (one.row.law, _word(one), say(_why(one), language), moment(one.no.until) if one.no else "", _source(one.row))
        for one in answer.law
    ]
    print_table(
        "the law, row by row", ("rule", "says", "in words", "until", "where it is written"), rows, "no row holds"
    )
    if answer.next_at is not None and answer.next_at != answer.at:
        typer.echo(f"the law allows it from {moment(answer.next_at)} on")


def _law_of(answer: Answer) -> str:
    home = settings().rules.home
    return str(answer.place.jurisdiction or f"{home}, the site's own: its country has no table here")


def _word(one: Verdict) -> str:
    if one.row.law in DUTIES:
        return "duty"
    if one.no is None:
        return "yes"
    return f"lifted by exemption {one.lifted_by.exemption_id}" if one.lifted_by else "no"


def _why(one: Verdict) -> Reason:
    return one.row.text if one.no is None else one.no.reason


def _source(row: Provision) -> str:
    return f"{row.reference} ({row.confidence})"


def _explained(answer: Answer) -> dict[str, Any]:
    rules = [
        {
            "rule": one.row.law,
            "counts": one.row.counts,
            "says": _word(one),
            **reason_json(_why(one)),
            "until": one.no.until if one.no else None,
            "reference": one.row.reference,
            "confidence": one.row.confidence,
        }
        for one in answer.law
    ]
    return {
        "is_allowed": answer.is_allowed,
        "number": masked(answer.number),
        "campaign": answer.campaign.name,
        "at": answer.at,
        "jurisdiction": answer.place.jurisdiction,
        "zones": answer.place.zones,
        "next_at": answer.next_at,
        "refused": answer.refused,
        "law": rules,
    }


@rules_app.command("list")
def list_(
    jurisdiction: Annotated[Jurisdiction, typer.Option(help="Whose law.")] = Jurisdiction.FR,
    at: Annotated[str | None, typer.Option(help="Day on which they hold, 2026-08-11; today when left out.")] = None,
    kind: Annotated[CampaignKind | None, typer.Option(help="Only rows that bind this kind of campaign.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the rows of a law in force on a day, and the site's own.

    Example: telephony rules list --jurisdiction FR --at 2026-08-10
    """
    on = datetime.now(ZoneInfo(settings().site.timezone)).date() if at is None else _day(at)
    site = policy_of(settings().dialing, settings().rules).site
    rows = [
        one
        for one in (*TABLES[jurisdiction], *site.provisions())
        if one.is_in_force(on) and (kind is None or kind in one.kinds)
    ]
    if as_json:
        print_json([{"rule": one.law, **plain(one)} for one in rows])
        return
    language = settings().site.language
    cells = [
        (one.law, ", ".join(sorted(one.kinds)), say(one.text, language), one.valid_from, one.valid_until, _source(one))
        for one in rows
    ]
    print_table(
        f"{jurisdiction} on {on}", ("rule", "binds", "says", "from", "until", "where it is written"), cells, "no row"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no day: write 2026-08-11") from None


@rules_app.command()
def loosen(
    rule: Annotated[Law, typer.Argument(help="The rule of the law to set aside.", show_default=False)],
    until: Annotated[str, typer.Option(help="First moment it binds again, 31 days ahead at most.")],
    by: Annotated[str, typer.Option(help="The named person who answers for it.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the ledger.")],
    campaign: Annotated[str | None, typer.Option(help="Only for this campaign; default: the whole site.")] = None,
    valid_from: Annotated[str | None, typer.Option("--from", help="First moment; default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask that a rule of the law does not bind for a while; nothing changes before somebody else has approved.

    Example: telephony rules loosen calling_days --until 2026-12-07 --by m.durand --reason "flood alert"
    """

    async def work(bench: Services) -> Exemption:
        chosen = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        ends = given_moment(until, bench.settings.site.timezone)
        assert ends is not None  # noqa: S101  it was given
        begins = given_moment(valid_from, bench.settings.site.timezone)
        return await bench.exemptions.ask(
            rule, campaign_id=chosen, valid_from=begins, valid_until=ends, by=by, reason=reason
        )

    one = with_workbench(work)
    tell(
        one,
        f"exemption {one.exemption_id} waits: somebody else agrees with telephony rules approve {one.exemption_id}",
        as_json=as_json,
    )


@rules_app.command()
def approve(exemption: Number, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Agree to an exemption, as the second person.

    Example: telephony rules approve 3 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> Exemption:
        return await bench.exemptions.approve(exemption, await second_person(bench, username, password))

    one = with_workbench(work)
    tell(one, f"{one.law} does not bind until {moment(one.valid_until)}, approved by {username}", as_json=as_json)


@rules_app.command()
def tighten(exemption: Number, as_json: AsJson = False) -> None:
    """End an exemption: the rule binds again at once.

    Example: telephony rules tighten 3
    """
    one = with_workbench(lambda bench: bench.exemptions.end(exemption, who()))
    tell(one, f"exemption {exemption} is over: {one.law} binds again", as_json=as_json)


@rules_app.command()
def exemptions(as_json: AsJson = False) -> None:
    """Show every exemption there ever was.

    Example: telephony rules exemptions
    """
    found = with_workbench(lambda bench: bench.exemptions.all())
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.exemption_id,
            one.law,
            one.campaign_id or "site",
            moment(one.valid_from),
            moment(one.valid_until),
            one.asked_by,
            one.approved_by or "waits",
            one.ended_by,
            one.reason,
        )
        for one in found
    ]
    columns = ("id", "rule", "campaign", "from", "until", "asked by", "approved by", "ended by", "reason")
    print_table("exemptions", columns, rows, "no exemption: the law binds every call")
