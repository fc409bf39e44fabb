"""``telephony campaign desk``: what operators see of a campaign's calls."""

from collections.abc import Mapping

import typer

from telephony.cli.campaigns.options import Name, changed, flat, takes_options
from telephony.cli.session import AsJson, print_json
from telephony.domain.campaigns.dialing_options import BY_KEY
from telephony.errors import InputError


@takes_options(BY_KEY["shown_name"], BY_KEY["first_sentence"])
def desk(name: Name, *, given: Mapping[str, object], as_json: AsJson = False) -> None:
    """Change what operators see of a call: the person's name and the first sentence. Applies from the next call on.

    Examples:
      telephony campaign desk "Satisfaction fibre" --shown-name surname

      telephony campaign desk "Satisfaction fibre" --first-sentence "Bonjour, {operator}, de la société {company}."
    """
    if not given:
        raise InputError("nothing to change: give --shown-name full, surname or none, or --first-sentence TEXT")
    campaign = changed(name, given)
    if as_json:
        print_json(flat(campaign))
        return
    sentence = campaign.dialing.first_sentence or "none"
    typer.echo(f"{campaign.name}: name shown to operators: {campaign.dialing.shown_name}; first sentence: {sentence}")
