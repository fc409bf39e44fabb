"""``telephony campaign desk``: what operators see when a call of a campaign comes to them."""

from typing import Annotated

import typer

from telephony.app.services import Services
from telephony.cli.campaign_dials import Name
from telephony.cli.session import AsJson, print_json, who, with_workbench
from telephony.domain.campaigns import Campaign
from telephony.domain.talk import NameShown
from telephony.errors import InputError

Sentence = Annotated[
    str | None,
    typer.Option(help="What operators say first; {operator} and {company} are filled in. An empty one: none."),
]
ShownName = Annotated[NameShown | None, typer.Option(help="How much of the person's name operators see.")]


def desk(name: Name, shown_name: ShownName = None, first_sentence: Sentence = None, as_json: AsJson = False) -> None:
    """Choose what operators see of a call: the person's name, and what to say first; from the next call on.

    Examples:
      telephony campaign desk "Satisfaction fibre" --shown-name surname

      telephony campaign desk "Satisfaction fibre" --first-sentence "Bonjour, {operator}, de la société {company}."
    """
    if shown_name is None and first_sentence is None:
        raise InputError("say what to change: --shown-name full, surname or none, or --first-sentence TEXT")

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.set_desk(campaign.campaign_id, who(), shown_name, first_sentence)

    campaign = with_workbench(work)
    if as_json:
        print_json(campaign)
        return
    said = campaign.first_sentence or "nothing given"
    typer.echo(f"{campaign.name}: operators see of the name: {campaign.shown_name}; said first: {said}")
