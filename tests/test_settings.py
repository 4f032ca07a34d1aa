"""A wrong configuration names the line and the remedy, and nothing starts."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from structlog.testing import capture_logs

from fengsui.errors import SecretsUnusable, WrongSettings
from fengsui.features.access.posts import OFFICES, CameraClass, Post
from fengsui.settings import NodeSettings, Secrets
from fengsui.single_sign_on_settings import OFFICE, ClassName, PostName


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ('[node]\nname = "x"\ncode = "123"\n', 3, "node.code"),
        ('[node]\nzone = "Mars/Olympus"\n', 2, "node.zone"),
        ("[signalling]\n\nport = 70000\n", 3, "signalling.port"),
        ("[signalling]\npasword = 1\n", 2, "signalling.pasword"),
        ("[media]\nrtp_port = 1\n[nothing]\nx = 1\n", 3, "nothing"),
        ('[audit]\nsegment_mb = 1\n[audit.bucket]\nregion = "x"\nendpiont = "y"\n', 5, "audit.bucket.endpiont"),
        ('[bus]\nca = "x"\nservers = ["http://bus:4222"]\n', 3, "bus.servers"),
        ('[bus]\nservers = ["nats://bus.example:4222"]\n', 2, "bus.servers"),
        ('[bus]\nservers = ["tls://name:secret@bus.example:4222"]\n', 2, "bus.servers"),
        ('[bus]\nservers = ["tls://bus.example:4222"]\n', 2, "bus.servers: bus.key_file is missing"),
        ('[audit]\ncopies = ["nats://city"]\n', 2, "audit.copies"),
        ('[node]\nname = "x"\n[audit]\n\ncopies = ["nats://52010000002000000001"]\n', 5, "audit.copies"),
        ('[audit.neighbours]\n"5201" = "key.pem"\n', 1, "audit.neighbours"),
        ("[audit]\nneighbour_silent_s = 5\n", 2, "audit.neighbour_silent_s"),
        (
            '[audit.neighbours]\n"52010200002000000001" = "key.pem"\n[bus]\nservers = ["tls://b:1"]\nkey_file = "k"\n',
            1,
            "audit.neighbours",
        ),
        ('[addresses]\npublic = "cam.example.com"\n', 2, "addresses.public: Value error, the IP address in figures"),
        ('[addresses]\npublic = "0.0.0.0"\n', 2, "addresses.public"),
        ('[node]\ndomain = "a\\r\\nVia: x"\n', 2, "node.domain"),
        ('[node]\nname = "a\\r\\nb"\n', 2, "node.name: Value error, one line"),
        ('[signalling]\nhost = "nonsense host"\n', 2, "signalling.host"),
        ('[media]\nhttp_host = "cam.example"\n', 2, "media.http_host"),
        ("[media]\n\nrtp_port_first = 30000\nrtp_port_last = 20000\n", 3, "media.rtp_port_first: 30000 is above"),
        ("[media]\nrtp_port_first = 30000\n", 2, "media.rtp_port_first: a range"),
        ("[media]\nrtp_port_last = 30000\n", 2, "media.rtp_port_last: a range"),
        ('[media]\nports = "own"\n', 2, "media.ports: each stream"),
        ("[http]\nport = 8081\n", 2, "http.port: http.port and media.http_port are both 8081"),
        ("[signalling]\nport = 8080\n", 2, "signalling.port: signalling.port and http.port are both 8080"),
        ("[media]\nrtp_port = 5060\n", 2, "media.rtp_port: signalling.port and media.rtp_port"),
        ("[signalling]\nmax_connections = 10\nmax_connections_per_address = 20\n", 3, "signalling.max_connections_per_address: 20"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, line: int, name: str) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSettings) as found:
        NodeSettings.load(path)
    assert f"line {line}: {name}" in found.value.text_en and "secret" not in found.value.text_en
    assert found.value.facts["do_zh"] and found.value.facts["do_en"]


def test_ports_that_do_not_meet_are_no_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(
        '[http]\nhost = "127.0.0.1"\nport = 9000\n[media]\nhttp_host = "127.0.0.2"\nhttp_port = 9000\nwebrtc_port = 9000\n'
        "rtp_port_first = 20000\nrtp_port_last = 20001\n[signalling]\nmax_connections = 10\n"
    )
    assert NodeSettings.load(path).media.webrtc_port == 9000


PROVIDER = """[single_sign_on.city]
issuer = "https://id.city.example"
client_id = "fengsui"
client_secret_file = "city.secret"

[[single_sign_on.city.groups]]
group = "desk"
post = "operator"
area = "5201"
classes = ["government"]

[[single_sign_on.city.groups]]
group = "keys"
post = "security-administrator"
area = ""
classes = ["government", "private"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("https://id.city.example", "http://id.city.example", 2, "single_sign_on.city.issuer: Value error, an https:// address"),
        ('client_id = "fengsui"', 'client_id = "fengsui"\nscopes = ["profile"]', 4, "single_sign_on.city.scopes"),
        ('post = "operator"', 'post = "emperor"', 8, "single_sign_on.city.groups.0.post"),
        ('area = ""', 'area = "520"', 15, "single_sign_on.city.groups.1.area"),
        ('"private"]', '"secret"]', 16, "single_sign_on.city.groups.1.classes.1"),
        ('group = "keys"', 'group = "desk"', 6, "single_sign_on.city.groups: Value error, the group desk gives"),
        ("single_sign_on.city", "single_sign_on.City", 1, "single_sign_on.City"),
        ('classes = ["government"]', "", 6, "single_sign_on.city.groups.0.classes: Field required"),
    ],
)
def test_a_wrong_entry_of_a_provider_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, name: str) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(PROVIDER, encoding="utf-8")
    assert NodeSettings.load(path).single_sign_on["city"].groups[1].group == "keys"
    assert old in PROVIDER
    path.write_text(PROVIDER.replace(old, new), encoding="utf-8")
    with pytest.raises(WrongSettings) as found:
        NodeSettings.load(path)
    assert f"line {line}: {name}" in found.value.text_en


def test_one_issuer_is_one_provider(tmp_path: Path) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(PROVIDER + PROVIDER.replace("on.city", "on.town"), encoding="utf-8")
    with pytest.raises(WrongSettings, match="a person would be two accounts"):
        NodeSettings.load(path)


def test_the_settings_know_every_post_class_and_office() -> None:
    assert set(get_args(PostName)) == {post.value for post in Post}
    assert set(get_args(ClassName)) == {one.value for one in CameraClass}
    assert {post for post in Post if post.endswith(OFFICE)} == OFFICES


def test_broken_toml_and_a_missing_file_are_sentences(tmp_path: Path) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text("[node\n", encoding="utf-8")
    for wrong in (path, tmp_path / "missing.toml"):
        with pytest.raises(WrongSettings) as found:
            NodeSettings.load(wrong)
        assert found.value.facts["do_zh"] and found.value.facts["do_en"]


def test_secrets_that_others_can_read_are_closed_with_a_warning(tmp_path: Path) -> None:
    made = Secrets(tmp_path).text("join")
    place = tmp_path / "secrets" / "join"
    place.chmod(0o644)
    place.parent.chmod(0o755)
    with capture_logs() as said:
        assert Secrets(tmp_path).text("join") == made
    assert place.stat().st_mode & 0o777 == 0o600 and place.parent.stat().st_mode & 0o777 == 0o700
    assert {one["path"] for one in said if one["log_level"] == "warning"} == {str(place), str(place.parent)}


def test_secrets_that_cannot_be_closed_keep_the_node_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Secrets(tmp_path).text("join")
    (tmp_path / "secrets" / "join").chmod(0o640)

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path), mode)

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(SecretsUnusable, match="join"):
        Secrets(tmp_path).text("join")
