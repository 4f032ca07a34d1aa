"""Sealed tables are written by `insert_sealed` and `update_sealed` alone. `python -m checks.seals` prints each breach and exits 1.

A row that is written by another way keeps a seal that does not fit it, and opens nothing any more; or worse, somebody mends that by
sealing what should not be believed. Columns that no seal is about, such as when a token was used last, may be updated as usual.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from fengsui.store import sealed_tables

SOURCE = Path("src/fengsui")
WAYS = {"insert", "update"}
RAW = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|REPLACE\s+INTO)\s+\"?(\w+)", re.IGNORECASE)
ADVICE = "is sealed: write it by insert_sealed or update_sealed"


def sealed_columns() -> tuple[dict[str, set[str]], dict[str, str]]:
    """Columns under the seal by the table's name in the database, and that name by the variable that the source calls it by."""
    variables: dict[str, str] = {}
    modules = [import_module(".".join(path.with_suffix("").parts[1:])) for path in sorted(SOURCE.rglob("tables.py"))]
    under = {how.table.name: {*(name for name, _ in how.fields), how.seal} for how in sealed_tables()}
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, sa.Table) and value.name in under:
                variables[name] = value.name
    return under, variables


def past_the_seal(path: str, text: str, under: Mapping[str, set[str]], variables: Mapping[str, str]) -> Iterator[str]:
    """Breaches of one module. `under` and `variables`: as `sealed_columns`."""
    tree = ast.parse(text, path)
    called = {**variables, **_other_names(tree, variables)}
    columns = _columns_written(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (raw := RAW.match(node.value)) and raw[1] in under:
            yield f"{path}:{node.lineno}: {raw[1]} {ADVICE}"
        if not isinstance(node, ast.Call) or (table := _written(node, called)) is None:
            continue
        said = columns.get(id(node)) if _way(node) == "update" else None
        if said is None or said & under[table]:
            yield f"{path}:{node.lineno}: {table} {ADVICE}"


def _other_names(tree: ast.Module, variables: Mapping[str, str]) -> dict[str, str]:
    """`import … as`."""
    names = [one for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names]
    return {one.asname: variables[one.name] for one in names if one.asname and one.name in variables}


def _way(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _written(call: ast.Call, called: Mapping[str, str]) -> str | None:
    """The sealed table that `sa.insert(table)`, `sa.update(table)`, `upsert(tx, table, …)` or `table.update()` writes."""
    way = _way(call)
    if way == "upsert":
        named = call.args[1:2]
    elif way in WAYS:
        named = call.args[:1] or ([call.func.value] if isinstance(call.func, ast.Attribute) else [])
    else:
        return None
    names = [_last(one) for one in named]
    return next((called[one] for one in names if one in called), None)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _columns_written(tree: ast.Module) -> dict[int, set[str]]:
    """By the call of a chain `update(table)….values(…)`: the columns named there; none where the source does not say."""
    found: dict[int, set[str]] = {}
    unsaid: set[int] = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"):
            continue
        inner: ast.expr = node.func.value
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr not in WAYS:
            inner = inner.func.value
        if node.args or any(one.arg is None for one in node.keywords):
            unsaid.add(id(inner))
        found.setdefault(id(inner), set()).update(one.arg for one in node.keywords if one.arg is not None)
    return {call: columns for call, columns in found.items() if call not in unsaid}


def breaches() -> list[str]:
    """In the whole source, but for the migrations (rows of before) and the seals themselves."""
    under, variables = sealed_columns()
    paths = (path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts and path.name != "seals.py")
    return [one for path in paths for one in past_the_seal(str(path), path.read_text(encoding="utf-8"), under, variables)]


def main() -> int:
    """Print every breach; 1 when there is one."""
    found = breaches()
    sys.stdout.writelines(f"{one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
