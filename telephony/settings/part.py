"""The base class and the types of all settings tables."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""A name that appears in Asterisk configuration: lower-case letters, digits, dash, underscore."""
UserId = Annotated[int, Field(ge=0, le=2**31 - 1)]
Secret = Annotated[SecretStr, Field(min_length=16)]
"""At least 16 characters; there are no default secrets."""


class Part(BaseModel):
    """A frozen table of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
