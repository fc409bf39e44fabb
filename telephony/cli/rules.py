"""``telephony rules``: explain the rules for a call, list the rules in force, and manage dated exemptions."""

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import (
    AsJson,
    current_user,
    emit,
    format_time,
    parse_time,
    plain,
    print_json,
    print_table,
    settings,
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
    name="rules",
    no_args_is_help=True,
    help="Rules of the law and the site: explain a call, list rules, manage exemptions.",
)
Number = Annotated[int, typer.Argument(help="Number of the exemption.", show_default=False)]


@rules_app.command()
def explain(
    number: Annotated[str, typer.Argument(help="Telephone number in any format.", show_default=False)],
    campaign: Annotated[str, typer.Option(help="Campaign name.", show_default=False)],
    at: Annotated[str | None, typer.Option(help="Time of the call; default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Explain rule by rule whether a number may be called. Exit status 0: yes, 1: no.

    Example: telephony rules explain "01 99 00 41 27" --campaign "Satisfaction fibre" --at 2026-12-24T19:59
    """

    async def work(bench: Services) -> Answer:
        of_campaign = await bench.store.campaigns.by_name(campaign)
        return await bench.whitelist.check(number, of_campaign, parse_time(at, bench.settings.site.timezone))

    answer = with_workbench(work)
    language = settings().site.language
    if as_json:
        print_json(_explained(answer))
    else:
        _print_answer(answer, language)
    raise typer.Exit(0 if answer.is_allowed else 1)


def _print_answer(answer: Answer, language: str) -> None:
    verdict = "yes" if answer.is_allowed else "no"
    at = table("en").moment(answer.at.astimezone(ZoneInfo(settings().site.timezone)))
    typer.echo(f"{verdict}: {masked(answer.number)} for {answer.campaign.name} on {at}")
    clocks = " and ".join(answer.place.zones) or "unknown"
    typer.echo(f"  under the law of {_law_of(answer)}, time zone {clocks}")
    law = {str(verdict.row.law) for verdict in answer.law}
    for refusal in answer.refused:
        if refusal.rule not in law:
            typer.echo(f"  no: {english(refusal.reason)} [{refusal.rule}]")
    rows = [
        (
            verdict.row.law,
            _word(verdict),
            say(_why(verdict), language),
            format_time(verdict.no.until) if verdict.no else "",
            _source(verdict.row),
        )
        for verdict in answer.law
    ]
    print_table("legal rules", ("rule", "verdict", "text", "until", "source"), rows, "no rule is in force")
    if answer.next_at is not None and answer.next_at != answer.at:
        typer.echo(f"allowed by law from {format_time(answer.next_at)}")


def _law_of(answer: Answer) -> str:
    home = settings().rules.home
    return str(answer.place.jurisdiction or f"{home}, the site's own, because its country has no table")


def _word(verdict: Verdict) -> str:
    if verdict.row.law in DUTIES:
        return "duty"
    if verdict.no is None:
        return "yes"
    return f"lifted by exemption {verdict.lifted_by.exemption_id}" if verdict.lifted_by else "no"


def _why(verdict: Verdict) -> Reason:
    return verdict.row.text if verdict.no is None else verdict.no.reason


def _source(row: Provision) -> str:
    return f"{row.reference} ({row.confidence})"


def _explained(answer: Answer) -> dict[str, Any]:
    rules = [
        {
            "rule": verdict.row.law,
            "counts": verdict.row.counts,
            "says": _word(verdict),
            **reason_json(_why(verdict)),
            "until": verdict.no.until if verdict.no else None,
            "reference": verdict.row.reference,
            "confidence": verdict.row.confidence,
        }
        for verdict in answer.law
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
    jurisdiction: Annotated[Jurisdiction, typer.Option(help="Law to list.")] = Jurisdiction.FR,
    at: Annotated[str | None, typer.Option(help="Day, e.g. 2026-08-11; default: today.")] = None,
    kind: Annotated[CampaignKind | None, typer.Option(help="Only rules for this kind of campaign.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules in force on a day: those of a law and the site's own.

    Example: telephony rules list --jurisdiction FR --at 2026-08-10
    """
    on = datetime.now(ZoneInfo(settings().site.timezone)).date() if at is None else _day(at)
    site = policy_of(settings().dialing, settings().rules).site
    rows = [
        provision
        for provision in (*TABLES[jurisdiction], *site.provisions())
        if provision.is_in_force(on) and (kind is None or kind in provision.kinds)
    ]
    if as_json:
        print_json([{"rule": row.law, **plain(row)} for row in rows])
        return
    language = settings().site.language
    cells = [
        (row.law, ", ".join(sorted(row.kinds)), say(row.text, language), row.valid_from, row.valid_until, _source(row))
        for row in rows
    ]
    print_table(f"{jurisdiction} on {on}", ("rule", "applies to", "text", "from", "until", "source"), cells, "no rule")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date: write 2026-08-11") from None


@rules_app.command()
def exempt(
    rule: Annotated[Law, typer.Argument(help="Legal rule to suspend.", show_default=False)],
    until: Annotated[str, typer.Option(help="End time, exclusive; at most 31 days ahead.")],
    by: Annotated[str, typer.Option(help="Name of the person responsible.")],
    reason: Annotated[str, typer.Option(help="Why; entered in the ledger.")],
    campaign: Annotated[str | None, typer.Option(help="Only for this campaign; default: the whole site.")] = None,
    valid_from: Annotated[str | None, typer.Option("--from", help="Start time; default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Request a dated exemption from a legal rule. A second person approves it.

    Example: telephony rules exempt calling_days --until 2026-12-07 --by m.durand --reason "flood alert"
    """

    async def work(bench: Services) -> Exemption:
        chosen = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        ends = parse_time(until, bench.settings.site.timezone)
        assert ends is not None  # noqa: S101  --until is required
        begins = parse_time(valid_from, bench.settings.site.timezone)
        return await bench.exemptions.ask(
            rule, campaign_id=chosen, valid_from=begins, valid_until=ends, by=by, reason=reason
        )

    exemption = with_workbench(work)
    number = exemption.exemption_id
    emit(
        exemption,
        f"exemption {number} is pending: a second person approves it with telephony rules approve {number}",
        as_json=as_json,
    )


@rules_app.command()
def approve(exemption: Number, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Approve an exemption as the second person.

    Example: telephony rules approve 3 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> Exemption:
        return await bench.exemptions.approve(exemption, await second_person(bench, username, password))

    approved = with_workbench(work)
    emit(
        approved,
        f"{approved.law} is suspended until {format_time(approved.valid_until)}, approved by {username}",
        as_json=as_json,
    )


@rules_app.command()
def revoke(exemption: Number, as_json: AsJson = False) -> None:
    """Revoke an exemption. The rule applies again at once.

    Example: telephony rules revoke 3
    """
    ended = with_workbench(lambda bench: bench.exemptions.end(exemption, current_user()))
    emit(ended, f"exemption {exemption} is revoked: {ended.law} applies again", as_json=as_json)


@rules_app.command()
def exemptions(as_json: AsJson = False) -> None:
    """List all exemptions, past ones too.

    Example: telephony rules exemptions
    """
    granted = with_workbench(lambda bench: bench.exemptions.all())
    if as_json:
        print_json(granted)
        return
    rows = [
        (
            exemption.exemption_id,
            exemption.law,
            exemption.campaign_id or "site",
            format_time(exemption.valid_from),
            format_time(exemption.valid_until),
            exemption.asked_by,
            exemption.approved_by or "pending",
            exemption.ended_by,
            exemption.reason,
        )
        for exemption in granted
    ]
    columns = ("id", "rule", "campaign", "from", "until", "requested by", "approved by", "revoked by", "reason")
    print_table("exemptions", columns, rows, "no exemption")
