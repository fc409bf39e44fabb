"""The settings of preview mode; their meaning is in ``telephony.domain.leads.preview``."""

from typing import Annotated, Literal

from pydantic import Field

from telephony.settings.part import Part


class PreviewSettings(Part):
    """How long operators may read leads in preview mode, and what they see of them. Never a number, whatever is set."""

    look_s: Annotated[int, Field(ge=15, le=600)] = 60
    """Seconds an operator may read a lead; then it is taken back and the operator paused, never called."""
    skips_per_hour: Annotated[int, Field(ge=0, le=100)] = 10
    """Most leads an operator may skip within an hour, not counting people they know: skipping is choosing."""
    skip_wait_min: Annotated[int, Field(ge=1, le=43_200)] = 60
    """Minutes a skipped lead waits before anyone is offered it again."""
    name: Literal["full", "none"] = "full"
    """How much of the person's name is shown: as in the list, or nothing."""
    fields: tuple[str, ...] = ()
    """Columns of the list that operators see, in this order; values that look like a number are left out."""
