"""What every table of settings is made with."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A frozen table of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
