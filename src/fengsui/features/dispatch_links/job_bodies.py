"""How a message of another system about a job is read. Pure."""

from __future__ import annotations

from pydantic import ValidationError

from fengsui.features.alarm_intake import why_malformed
from fengsui.features.dispatch_links.model import JobSaid
from fengsui.features.dispatch_links.schemas import JobReport


def read_job(raw: bytes) -> JobSaid:
    """Of JSON. Raises IntakeMalformed, which repeats nothing of what was sent."""
    try:
        found = JobReport.model_validate_json(raw)
    except ValidationError as error:
        raise why_malformed(error) from error
    where = found.area, found.place, found.longitude, found.latitude
    return JobSaid(found.number, found.yours, found.state, found.type, *where, found.text, found.priority)
