"""``telephony campaign mode`` and ``order``: the two options that are changed most, each as a command."""

from typing import Annotated

import typer

from telephony.cli.campaigns.options import Name, Yes, changed, flat
from telephony.cli.session import AsJson, emit
from telephony.domain.campaigns.dialing_options import CallOrder, DialMode


def set_mode(
    name: Name,
    mode: Annotated[DialMode, typer.Argument(help="New dialing mode.", show_default=False)],
    ratio: Annotated[float | None, typer.Option(help="Power mode: calls per free operator, 1.0 to 3.0.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Change a campaign's dialing mode. Shows the effect and asks for confirmation.

    Examples:
      telephony campaign mode "Satisfaction fibre" predictive

      telephony campaign mode "Satisfaction fibre" power --ratio 1.5 --yes
    """
    campaign = changed(name, {"mode": mode} | ({} if ratio is None else {"ratio": ratio}), yes=yes)
    emit(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)


def set_order(
    name: Name,
    order: Annotated[CallOrder, typer.Argument(help="New lead order.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Change which leads a campaign calls first: in list order, or as learned from its calls.

    Example: telephony campaign order "Satisfaction fibre" learned
    """
    campaign = changed(name, {"call_order": order})
    emit(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)
