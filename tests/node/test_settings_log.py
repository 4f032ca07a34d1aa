"""Each start records the digest of configuration and keys, and what has changed since the last: names, never values."""

from __future__ import annotations

from pathlib import Path

from fengsui.app.settings_log import SEEN, differences, digest_of, facts_of, fingerprints
from fengsui.features.audit.acts import Act
from fengsui.settings import NodeSettings
from tests.node.conftest import running_node, settings_for
from tests.node.test_audit import records

PASSWORD = "bi-mi-kou-ling-7351"


async def told_at_start(folder: Path, settings: NodeSettings) -> tuple[str, str]:
    """What a start records: the digest, and what is said of the start before."""
    async with running_node(folder, settings) as node:
        assert (await node.client.get("/node")).status_code == 200
        found = [one for one in records(node) if one.act == Act.SETTINGS_STATE]
    assert found[-1].role == "node" and found[-1].object == "settings"
    digest, _, told = found[-1].detail.removeprefix("digest ").partition("; ")
    return digest, told


async def test_what_has_changed_since_the_last_start_is_on_record(tmp_path: Path) -> None:
    data, paper = tmp_path / "node", tmp_path / "cases.key"
    paper.write_text("one", encoding="utf-8")
    base = settings_for()
    given = base.model_copy(update={"bus": base.bus.model_copy(update={"key_file": str(paper)})})
    first, told = await told_at_start(data, given)
    assert told == "first record" and len(first) == 64
    again, told = await told_at_start(data, given)
    assert (again, told) == (first, "as at the last start")

    paper.write_text("second-secret-8842", encoding="utf-8")
    (data / "secrets" / "approvals").write_text("0" * 64, encoding="utf-8")
    signalling = given.signalling.model_copy(update={"password": PASSWORD})
    changed = given.model_copy(update={"signalling": signalling, "audit": given.audit.model_copy(update={"keep_days": 400})})
    other, told = await told_at_start(data, changed)
    assert other != first
    assert told == "changed: audit.keep_days, file of bus.key_file, secrets/approvals, signalling.password"
    written = b"".join(path.read_bytes() for path in (data / "audit").iterdir() if path.is_file()) + (data / SEEN).read_bytes()
    assert PASSWORD.encode() not in written and b"second-secret-8842" not in (data / SEEN).read_bytes()

    (data / SEEN).unlink()
    same, told = await told_at_start(data, changed)
    assert (same, told) == (other, "as at the last start"), "the log alone knows that nothing changed"
    (data / SEEN).unlink()
    back, told = await told_at_start(data, given)
    assert back != other and told.startswith("changed; what, cannot be said"), "nobody hides a change by removing the list"


def test_fingerprints_are_keyed_and_tell_names_apart() -> None:
    facts = facts_of(NodeSettings(), Path("nowhere"))
    assert facts["signalling.password"] == b'""' and "node.code" in facts
    one, other = fingerprints(facts, b"k" * 32), fingerprints(facts, b"j" * 32)
    assert one.keys() == facts.keys() and all(one[name] != other[name] for name in facts)
    assert digest_of(one) != digest_of(other)
    assert differences({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "5"}) == ["b", "c", "d"]
