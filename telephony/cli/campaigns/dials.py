"""``telephony campaign mode``, ``order``, ``detect-machines`` and ``withdraw-dials``: options changed one by one."""

from typing import Annotated

import typer

from telephony.cli.campaigns.options import Name, Yes, changed, flat
from telephony.cli.session import AsJson, tell
from telephony.domain.campaigns.dialing_options import CallOrder, DialMode
from telephony.errors import InputError


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

    campaign = changed(name, {"detects_machines": detects})
    how = "told from people" if campaign.dialing.detects_machines else "not looked for"
    tell(flat(campaign), f"{campaign.name}: answering machines are {how}", as_json=as_json)


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

    campaign = changed(name, {"withdraw_after_s": after or 0})
    rings = f"withdrawn after {after} s at least" if after else "ring out"
    tell(flat(campaign), f"{campaign.name}: dials that ring in vain {rings}", as_json=as_json)


def set_mode(
    name: Name,
    mode: Annotated[DialMode, typer.Argument(help="How calls are paced from now on.", show_default=False)],
    ratio: Annotated[float | None, typer.Option(help="Of power: calls per free operator, 1.0 to 3.0.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Pace a campaign otherwise, also while it runs; says what it will do and asks.

    Examples:
      telephony campaign mode "Satisfaction fibre" predictive

      telephony campaign mode "Satisfaction fibre" power --ratio 1.5 --yes
    """
    campaign = changed(name, {"mode": mode} | ({} if ratio is None else {"ratio": ratio}), yes=yes)
    tell(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)


def set_order(
    name: Name,
    order: Annotated[CallOrder, typer.Argument(help="Which leads are called first from now on.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Choose which leads are called first, also while it runs: as the list stands, or as calls have told.

    Example: telephony campaign order "Satisfaction fibre" learned
    """
    campaign = changed(name, {"call_order": order})
    tell(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)
