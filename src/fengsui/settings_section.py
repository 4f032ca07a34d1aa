"""What every table of the settings is made of."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=86400 * 30)]


def _an_address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        raise ValueError("an IP address in figures, such as 0.0.0.0 (all of this machine) or 10.1.0.5; no name") from error
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("one line, without line ends and other control characters")
    return value


ListenAddress = Annotated[str, AfterValidator(_an_address)]
"""Where a port is opened."""
Line = Annotated[str, AfterValidator(_one_line)]
"""A text that goes into messages and pages."""
Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,128}$")]
"""Empty, or a SIP domain: it stands in every request."""


class Section(BaseModel):
    """A table of the file; unknown names are refused, so that a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)
