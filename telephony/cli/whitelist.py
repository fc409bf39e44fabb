"""``telephony whitelist``: which numbers are open, why, since when, and who agreed."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

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
    tell,
    who,
    with_workbench,
)
from telephony.domain.leads.leads import LeadList
from telephony.domain.numbers.numbers import masked
from telephony.domain.rules.whitelist import NumberRule, RuleEffect, RuleKind, RuleScope
from telephony.errors import InputError
from telephony.ids import Number, RuleId
from telephony.services.rules.whitelist import Answer, Pending
from telephony.words import english

whitelist_app = typer.Typer(
    name="whitelist", no_args_is_help=True, help="Open and closed numbers: rules, approval, withdrawal, check."
)
Reason = Annotated[str, typer.Option(help="Why, and where it is written; no telephone number.", show_default=False)]
Rule = Annotated[int, typer.Argument(help="Number of the rule, as `whitelist rules` shows it.", show_default=False)]
Moment = Annotated[str | None, typer.Option(help="Date or ISO 8601 moment, the site's time zone when it names none.")]

_EFFECTS: Final = {RuleEffect.ALLOW: "allows", RuleEffect.DENY: "denies"}


@whitelist_app.command()
def add(
    effect: Annotated[RuleEffect, typer.Argument(help="Open or close.")],
    kind: Annotated[RuleKind, typer.Argument(help="All numbers that begin so, or one number.")],
    digits: Annotated[str, typer.Argument(help='As E.164 has them, without plus: 33 for France; "" for all numbers.')],
    reason: Reason,
    scope: Annotated[str, typer.Option(help="site, trunk:NAME or campaign:NAME.")] = "site",
    valid_from: Annotated[str | None, typer.Option("--from", help="First moment it holds; default: now.")] = None,
    valid_until: Annotated[str | None, typer.Option("--until", help="First moment it holds no more.")] = None,
    length: Annotated[int | None, typer.Option(help="Only numbers of so many digits in all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a rule; it holds once somebody else has approved it.

    Example: telephony whitelist add deny prefix 33899 --reason "premium rates, ARCEP 2018-0881"
    """

    async def work(bench: Services) -> NumberRule:
        reach, target = await _scope(bench, scope)
        return await bench.whitelist.add_rule(
            effect,
            kind,
            digits,
            reason=reason,
            by=who(),
            scope=reach,
            target=target,
            valid_from=given_moment(valid_from, bench.settings.site.timezone),
            valid_until=given_moment(valid_until, bench.settings.site.timezone),
            length=length,
        )

    rule = with_workbench(work)
    tell(
        _public(rule),
        f"rule {rule.rule_id} waits: somebody else approves it with telephony whitelist approve",
        as_json=as_json,
    )


@whitelist_app.command()
def approve(rule: Rule, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Agree, as the second person, to a rule that waits or to a withdrawal that was asked for.

    Example: telephony whitelist approve 42 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> NumberRule:
        return await bench.whitelist.approve_rule(RuleId(rule), await second_person(bench, username, password))

    done = with_workbench(work)
    tell(
        _public(done),
        f"rule {rule} {'is withdrawn' if done.withdrawn_at else 'is approved'} by {username}",
        as_json=as_json,
    )


@whitelist_app.command()
def withdraw(rule: Rule, reason: Reason, as_json: AsJson = False) -> None:
    """Take a rule back: an allow rule at once; a deny rule when somebody else has approved that.

    Example: telephony whitelist withdraw 9 --reason "no calls to that country any more"
    """
    done = with_workbench(lambda bench: bench.whitelist.withdraw_rule(RuleId(rule), reason=reason, by=who()))
    waits = f"rule {rule} still holds: somebody else approves its end with telephony whitelist approve {rule}"
    tell(_public(done), waits if done.awaits_withdrawal else f"rule {rule} is withdrawn", as_json=as_json)


@whitelist_app.command("withdraw-number")
def withdraw_number(
    number: Annotated[str, typer.Argument(help="As people write it.", show_default=False)],
    reason: Reason,
    campaign: Annotated[str | None, typer.Option(help="Only for this campaign; default: the whole site.")] = None,
    as_json: AsJson = False,
) -> None:
    """Close one number now: nothing leaves to it any more, and calls to it end within seconds.

    Example: telephony whitelist withdraw-number "01 99 00 41 27" --reason "asked us to stop, complaint 2291"
    """

    async def work(bench: Services) -> NumberRule:
        chosen = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        return await bench.whitelist.withdraw_number(number, reason=reason, by=who(), campaign_id=chosen)

    rule = with_workbench(work)
    tell(
        _public(rule),
        f"{masked(Number(rule.rule.digits))} is closed from now on by rule {rule.rule_id}",
        as_json=as_json,
    )


@whitelist_app.command("withdraw-campaign")
def withdraw_campaign(
    name: Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; stopping is for good.")] = False,
    as_json: AsJson = False,
) -> None:
    """Withdraw every list of a campaign, stop it for good and end its calls within seconds.

    Example: telephony whitelist withdraw-campaign "Satisfaction fibre" --reason "the client ended it" --yes
    """
    if not yes:
        raise InputError(f"withdrawing campaign {name} is for good and ends its calls: confirm with --yes")

    async def work(bench: Services) -> Sequence[LeadList]:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.whitelist.withdraw_campaign(campaign.campaign_id, reason=reason, by=who())

    withdrawn = with_workbench(work)
    tell(withdrawn, f"{name}: stopped, {len(withdrawn)} lists withdrawn", as_json=as_json)


@whitelist_app.command()
def rules(as_json: AsJson = False) -> None:
    """Show the rules that are not withdrawn; single numbers are masked.

    Example: telephony whitelist rules
    """
    found = with_workbench(lambda bench: bench.whitelist.rules())
    if as_json:
        print_json([_public(one) for one in found])
    else:
        _print_rules("rules", found, "no rule: every number is closed")


@whitelist_app.command()
def pending(as_json: AsJson = False) -> None:
    """Show what waits for a second person: lists, rules, withdrawals.

    Example: telephony whitelist pending
    """
    waiting: Pending = with_workbench(lambda bench: bench.whitelist.pending())
    if as_json:
        print_json({"lists": waiting.lists, "rules": [_public(one) for one in waiting.rules]})
        return
    rows = [
        (one.list_id, one.name, one.campaign_id, one.accepted, one.loaded_by, moment(one.loaded_at))
        for one in waiting.lists
    ]
    columns = ("id", "name", "campaign", "leads", "loaded by", "loaded")
    print_table("lists waiting", columns, rows, "no list waits")
    _print_rules("rules waiting", waiting.rules, "no rule waits")


@whitelist_app.command()
def check(
    number: Annotated[str, typer.Argument(help="As people write it.", show_default=False)],
    campaign: Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)],
    at: Moment = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether a number may be called, and every check that says no. Exit status 0: yes, 1: no.

    Example: telephony whitelist check "01 99 00 41 27" --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> Answer:
        chosen = await bench.store.campaigns.by_name(campaign)
        return await bench.whitelist.check(number, chosen, given_moment(at, bench.settings.site.timezone))

    answer = with_workbench(work)
    if as_json:
        print_json(_answer(answer))
    else:
        for line in _lines(answer):
            typer.echo(line)
    raise typer.Exit(0 if answer.is_allowed else 1)


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "is_allowed": answer.is_allowed,
        "number": masked(answer.number),
        "campaign": answer.campaign.name,
        "at": answer.at,
        "refused": answer.refused,
        "rules": [_public(one) for one in answer.rules],
        "list": answer.list,
        "lead_id": answer.lead_id,
    }


def _lines(answer: Answer) -> list[str]:
    said = "yes" if answer.is_allowed else "no"
    lines = [f"{said}: {masked(answer.number)} for {answer.campaign.name} at {moment(answer.at)}"]
    lines += [f"  no: {english(one.reason)} [{one.rule}]" for one in answer.refused]
    lines += [
        f"  rule {one.rule_id} {_EFFECTS[one.rule.effect]} it: {one.rule.reason}"
        f" (by {one.rule.author}{f', approved by {one.approved_by}' if one.approved_by else ''})"
        for one in answer.rules
    ]
    one = answer.list
    if one is None:
        return lines
    state = f"approved by {one.approved_by} {moment(one.approved_at)}" if one.approved_by else "waits for approval"
    if one.withdrawn_at is not None:
        state = f"withdrawn by {one.withdrawn_by} {moment(one.withdrawn_at)}: {one.withdrawal_reason}"
    return [*lines, f"  lead {answer.lead_id} of list {one.list_id} ({one.name}), loaded by {one.loaded_by}, {state}"]


async def _scope(bench: Services, text: str) -> tuple[RuleScope, str]:
    word, _, name = text.partition(":")
    if word not in {str(one) for one in RuleScope}:
        raise InputError(f"--scope {text}: write site, trunk:NAME or campaign:NAME")
    scope = RuleScope(word)
    if scope is RuleScope.CAMPAIGN:
        return scope, str((await bench.store.campaigns.by_name(name)).campaign_id)
    return scope, name


def _shown(rule: NumberRule) -> str:
    digits = rule.rule.digits
    return masked(Number(digits)) if rule.rule.kind is RuleKind.EXACT and len(digits) > 8 else digits


def _state(one: NumberRule) -> str:
    if one.withdrawn_at is not None:
        return f"withdrawn by {one.withdrawn_by}"
    if one.awaits_approval:
        return "waits for approval"
    if one.awaits_withdrawal:
        return f"{one.withdrawal_asked_by} wants it withdrawn: {one.withdrawal_reason}"
    return f"approved by {one.approved_by}" if one.approved_by else "took effect at once"


def _print_rules(title: str, rules: Sequence[NumberRule], empty: str) -> None:
    rows = [
        (
            one.rule_id,
            one.rule.effect,
            one.rule.kind,
            _shown(one),
            one.rule.length,
            f"{one.rule.scope} {one.rule.target}".strip(),
            moment(one.rule.valid_from),
            moment(one.rule.valid_until),
            one.rule.author,
            _state(one),
            one.rule.reason,
        )
        for one in rules
    ]
    columns = ("id", "effect", "kind", "digits", "length", "for", "from", "until", "author", "state", "reason")
    print_table(title, columns, rows, empty)


def _public(one: NumberRule) -> dict[str, Any]:
    shown: dict[str, Any] = plain(one)
    rule = shown.pop("rule")
    return {"rule_id": one.rule_id, **rule, **shown, "digits": _shown(one)}
