"""What a change was, in the words of a record: each field with its value before and after (rules A28, A37). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

ONE = 300
"""Characters of one value at most; a longer one is cut, and that is seen."""


def told_changes(before: Mapping[str, object], after: Mapping[str, object], secret: Collection[str] = ()) -> str:
    """`field=old→new` of every field of `after` by name; one that stays is `field=value, as before`; a secret is never told."""
    return "; ".join(_told(name, before.get(name), after[name], hidden=name in secret) for name in sorted(after))


def _told(name: str, old: object, new: object, *, hidden: bool) -> str:
    if hidden:
        return f"{name}={_hidden(old)}→{_hidden(new)}, {'as before' if old == new else 'another one'}"
    was, now = _said(old), _said(new)
    return f"{name}={now}, as before" if was == now else f"{name}={was}→{now}"


def _said(value: object) -> str:
    if value is None or value == "" or value == [] or value == ():
        return "none"
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= ONE else f"{text[:ONE]}… ({len(text)} characters)"


def _hidden(value: object) -> str:
    return "(hidden)" if value else "none"
