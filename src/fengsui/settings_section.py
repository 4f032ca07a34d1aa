"""What every table of the settings is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=86400 * 30)]


class Section(BaseModel):
    """A table of the file; unknown names are refused, so that a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)
