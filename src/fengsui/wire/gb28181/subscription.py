"""What headers of SUBSCRIBE and NOTIFY say. Source: GB/T 28181-2022 §9.11, annex N; RFC 6665 §4.1.3, §8.2."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.wire.gb28181.edition import Edition


def event_of(package: str, edition: Edition, number: int) -> str:
    """The `Event` of a new subscription; in its dialog it stays as it is. `number`: tells our own apart.

    `package`: `Catalog` or `Alarm`. The standard has a token for catalogues alone; for alarms `presence` is what is deployed.
    """
    if edition == Edition.V2011:
        return "presence"
    return f"{package if package == 'Catalog' else 'presence'};id={number}"


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """`Subscription-State` of a NOTIFY. `state`, `reason`: lower case, empty where not said; `retry_after_s`: None likewise."""

    state: str
    reason: str = ""
    retry_after_s: int | None = None

    @classmethod
    def parse(cls, header: str) -> SubscriptionState:
        """Lenient: what is odd counts as not said."""
        state, *rest = (part.strip() for part in header.lower().split(";"))
        said = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest)}
        after = said.get("retry-after", "")
        return cls(state, said.get("reason", ""), int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None)

    @property
    def terminated(self) -> bool:
        """Whether the notifier has ended the subscription."""
        return self.state == "terminated"
