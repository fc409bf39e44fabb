"""``telephony whitelist``: rules that open and close numbers, their approval, and a check of one number."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

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
    name="whitelist",
    no_args_is_help=True,
    help="Open and closed numbers: add, approve and revoke rules; check a number.",
)
Reason = Annotated[str, typer.Option(help="Why, with its source; no telephone number.", show_default=False)]
Rule = Annotated[int, typer.Argument(help="Number of the rule, from `whitelist rules`.", show_default=False)]
Time = Annotated[str | None, typer.Option(help="Date or ISO 8601 time, by default in the site's time zone.")]

_EFFECTS: Final = {RuleEffect.ALLOW: "allows", RuleEffect.DENY: "denies"}


@whitelist_app.command()
def add(
    effect: Annotated[RuleEffect, typer.Argument(help="Allow or deny.")],
    kind: Annotated[RuleKind, typer.Argument(help="All numbers with this prefix, or one exact number.")],
    digits: Annotated[str, typer.Argument(help='E.164 digits without plus, e.g. 33 for France; "" for all numbers.')],
    reason: Reason,
    scope: Annotated[str, typer.Option(help="site, trunk:NAME or campaign:NAME.")] = "site",
    valid_from: Annotated[str | None, typer.Option("--from", help="Start time; default: now.")] = None,
    valid_until: Annotated[str | None, typer.Option("--until", help="End time, exclusive; default: none.")] = None,
    length: Annotated[int | None, typer.Option(help="Only numbers with this total number of digits.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a rule. It applies once a second person has approved it.

    Example: telephony whitelist add deny prefix 33899 --reason "premium rates, ARCEP 2018-0881"
    """

    async def work(bench: Services) -> NumberRule:
        reach, target = await _scope(bench, scope)
        return await bench.whitelist.add_rule(
            effect,
            kind,
            digits,
            reason=reason,
            by=current_user(),
            scope=reach,
            target=target,
            valid_from=parse_time(valid_from, bench.settings.site.timezone),
            valid_until=parse_time(valid_until, bench.settings.site.timezone),
            length=length,
        )

    rule = with_workbench(work)
    emit(
        _public(rule),
        f"rule {rule.rule_id} is pending: a second person approves it with telephony whitelist approve",
        as_json=as_json,
    )


@whitelist_app.command()
def approve(rule: Rule, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Approve a pending rule, or the revocation of a deny rule, as the second person.

    Example: telephony whitelist approve 42 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> NumberRule:
        return await bench.whitelist.approve_rule(RuleId(rule), await second_person(bench, username, password))

    done = with_workbench(work)
    emit(
        _public(done),
        f"rule {rule} {'is revoked' if done.withdrawn_at else 'is approved'} by {username}",
        as_json=as_json,
    )


@whitelist_app.command()
def revoke(rule: Rule, reason: Reason, as_json: AsJson = False) -> None:
    """Revoke a rule: an allow rule at once, a deny rule once a second person has approved it.

    Example: telephony whitelist revoke 9 --reason "no calls to that country any more"
    """
    done = with_workbench(lambda bench: bench.whitelist.withdraw_rule(RuleId(rule), reason=reason, by=current_user()))
    pending = (
        f"rule {rule} still applies: a second person approves its revocation with telephony whitelist approve {rule}"
    )
    emit(_public(done), pending if done.awaits_withdrawal else f"rule {rule} is revoked", as_json=as_json)


@whitelist_app.command("block-number")
def block_number(
    number: Annotated[str, typer.Argument(help="Telephone number in any format.", show_default=False)],
    reason: Reason,
    campaign: Annotated[
        str | None, typer.Option(help="Block it for this campaign only; default: the whole site.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Block a number at once and end calls to it within seconds.

    Example: telephony whitelist block-number "01 99 00 41 27" --reason "asked us to stop, complaint 2291"
    """

    async def work(bench: Services) -> NumberRule:
        campaign_id = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        return await bench.whitelist.withdraw_number(number, reason=reason, by=current_user(), campaign_id=campaign_id)

    rule = with_workbench(work)
    emit(
        _public(rule),
        f"{masked(Number(rule.rule.digits))} is blocked from now on by rule {rule.rule_id}",
        as_json=as_json,
    )


@whitelist_app.command("revoke-campaign")
def revoke_campaign(
    name: Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm; a stopped campaign cannot be started again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Revoke all lists of a campaign, stop it permanently and end its calls within seconds.

    Example: telephony whitelist revoke-campaign "Satisfaction fibre" --reason "the client ended it" --yes
    """
    if not yes:
        raise InputError(f"campaign {name} would be stopped permanently and its calls ended: confirm with --yes")

    async def work(bench: Services) -> Sequence[LeadList]:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.whitelist.withdraw_campaign(campaign.campaign_id, reason=reason, by=current_user())

    revoked = with_workbench(work)
    emit(revoked, f"{name}: stopped, {len(revoked)} lists revoked", as_json=as_json)


@whitelist_app.command()
def rules(as_json: AsJson = False) -> None:
    """List the rules in force or pending; single numbers are masked.

    Example: telephony whitelist rules
    """
    rows = with_workbench(lambda bench: bench.whitelist.rules())
    if as_json:
        print_json([_public(rule) for rule in rows])
    else:
        _print_rules("rules", rows, "no rule: every number is closed")


@whitelist_app.command()
def pending(as_json: AsJson = False) -> None:
    """List what waits for a second person: lists, rules, revocations.

    Example: telephony whitelist pending
    """
    waiting: Pending = with_workbench(lambda bench: bench.whitelist.pending())
    if as_json:
        print_json({"lists": waiting.lists, "rules": [_public(rule) for rule in waiting.rules]})
        return
    rows = [
        (row.list_id, row.name, row.campaign_id, row.accepted, row.loaded_by, format_time(row.loaded_at))
        for row in waiting.lists
    ]
    columns = ("id", "name", "campaign", "leads", "loaded by", "loaded")
    print_table("pending lists", columns, rows, "no list is pending")
    _print_rules("pending rules", waiting.rules, "no rule is pending")


@whitelist_app.command()
def check(
    number: Annotated[str, typer.Argument(help="Telephone number in any format.", show_default=False)],
    campaign: Annotated[str, typer.Option(help="Campaign name.", show_default=False)],
    at: Time = None,
    as_json: AsJson = False,
) -> None:
    """Check whether a number may be called, and show every check that fails. Exit status 0: yes, 1: no.

    Example: telephony whitelist check "01 99 00 41 27" --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> Answer:
        of_campaign = await bench.store.campaigns.by_name(campaign)
        return await bench.whitelist.check(number, of_campaign, parse_time(at, bench.settings.site.timezone))

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
        "rules": [_public(rule) for rule in answer.rules],
        "list": answer.list,
        "lead_id": answer.lead_id,
    }


def _lines(answer: Answer) -> list[str]:
    verdict = "yes" if answer.is_allowed else "no"
    lines = [f"{verdict}: {masked(answer.number)} for {answer.campaign.name} at {format_time(answer.at)}"]
    lines += [f"  no: {english(refusal.reason)} [{refusal.rule}]" for refusal in answer.refused]
    lines += [
        f"  rule {rule.rule_id} {_EFFECTS[rule.rule.effect]} it: {rule.rule.reason}"
        f" (by {rule.rule.author}{f', approved by {rule.approved_by}' if rule.approved_by else ''})"
        for rule in answer.rules
    ]
    row = answer.list
    if row is None:
        return lines
    state = f"approved by {row.approved_by} {format_time(row.approved_at)}" if row.approved_by else "pending approval"
    if row.withdrawn_at is not None:
        state = f"revoked by {row.withdrawn_by} {format_time(row.withdrawn_at)}: {row.withdrawal_reason}"
    return [*lines, f"  lead {answer.lead_id} of list {row.list_id} ({row.name}), loaded by {row.loaded_by}, {state}"]


async def _scope(bench: Services, text: str) -> tuple[RuleScope, str]:
    scope_text, _, name = text.partition(":")
    if scope_text not in {str(kind) for kind in RuleScope}:
        raise InputError(f"--scope {text}: write site, trunk:NAME or campaign:NAME")
    scope = RuleScope(scope_text)
    if scope is RuleScope.CAMPAIGN:
        return scope, str((await bench.store.campaigns.by_name(name)).campaign_id)
    return scope, name


def _shown(rule: NumberRule) -> str:
    digits = rule.rule.digits
    return masked(Number(digits)) if rule.rule.kind is RuleKind.EXACT and len(digits) > 8 else digits


def _state(rule: NumberRule) -> str:
    if rule.withdrawn_at is not None:
        return f"revoked by {rule.withdrawn_by}"
    if rule.awaits_approval:
        return "pending approval"
    if rule.awaits_withdrawal:
        return f"{rule.withdrawal_asked_by} requested its revocation: {rule.withdrawal_reason}"
    return f"approved by {rule.approved_by}" if rule.approved_by else "took effect at once"


def _print_rules(title: str, rules: Sequence[NumberRule], empty: str) -> None:
    rows = [
        (
            rule.rule_id,
            rule.rule.effect,
            rule.rule.kind,
            _shown(rule),
            rule.rule.length,
            f"{rule.rule.scope} {rule.rule.target}".strip(),
            format_time(rule.rule.valid_from),
            format_time(rule.rule.valid_until),
            rule.rule.author,
            _state(rule),
            rule.rule.reason,
        )
        for rule in rules
    ]
    columns = ("id", "effect", "kind", "digits", "length", "for", "from", "until", "author", "state", "reason")
    print_table(title, columns, rows, empty)


def _public(number_rule: NumberRule) -> dict[str, Any]:
    shown: dict[str, Any] = plain(number_rule)
    rule = shown.pop("rule")
    return {"rule_id": number_rule.rule_id, **rule, **shown, "digits": _shown(number_rule)}
