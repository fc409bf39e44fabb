"""The settings of preview mode; what they mean is in ``telephony.domain.leads.preview``."""

from typing import Annotated, Literal

from pydantic import Field

from telephony.settings.part import Part


class PreviewSettings(Part):
    """How operators look at leads in preview mode, and what they see of them. Never a number, whatever is set."""

    look_s: Annotated[int, Field(ge=15, le=600)] = 60
    """Seconds an operator may look at a lead; then it is given back and the operator paused, never called."""
    skips_per_hour: Annotated[int, Field(ge=0, le=100)] = 10
    """Most leads one operator may skip within an hour, people they know not counted: skipping is choosing."""
    skip_wait_min: Annotated[int, Field(ge=1, le=43_200)] = 60
    """Minutes a skipped lead waits before anyone is offered it again."""
    name: Literal["full", "none"] = "full"
    """What of the person's name is shown: as the list has it, or nothing."""
    fields: tuple[str, ...] = ()
    """Columns of the list that operators are shown, in this order; values with digits like a number's are left out."""
