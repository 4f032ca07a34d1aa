"""The check of rule A64 fails on each kind of thing that may not be there, and on no innocent word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from checks.refused_words import TERMS, refused_in
from fastapi import FastAPI
from pydantic import BaseModel

from checks import refusals

REQUIREMENTS = 'aiosqlite==0.22.1 \\\n    --hash=sha256:04\n{name}==1.0 ; python_version >= "3.11" \\\n    --hash=sha256:05\n'
CARGO = 'version = 4\n\n[[package]]\nname = "bytes"\nversion = "1.0.0"\n\n[[package]]\nname = "{name}"\nversion = "1.0.0"\n'
GO = "github.com/nats-io/nats.go v1.4 h1:aa=\n{name} v1.0.0 h1:bb=\n"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("face-recognition", "R1"), ("face_recognition_models", "R1"), ("insightface", "R1"), ("deepface", "R1"),
        ("facenet-pytorch", "R1"),
        ("dlib", "R1"), ("opencv-contrib-python-headless", "R1"), ("retina-face", "R1"), ("mtcnn", "R1"),
        ("resemblyzer", "R1"),
        ("pyannote.audio", "R1"), ("opengait", "R1"), ("torchreid", "R2"), ("fast-reid", "R2"),
        ("boxmot", "R2"),
        ("emotion-recognition", "R4"), ("py-feat", "R4"), ("fer", "R4"),
    ],
)  # fmt: skip
def test_a_planted_python_package_fails(name: str, rule: str) -> None:
    found = list(refusals.forbidden_packages("requirements.lock", REQUIREMENTS.format(name=name)))
    assert found and all(f"package {name} ({rule}" in one for one in found)


@pytest.mark.parametrize("name", ["rustface", "face_id", "gait-analysis"])
def test_a_planted_crate_fails(name: str) -> None:
    assert any(name in one for one in refusals.forbidden_packages("Cargo.lock", CARGO.format(name=name)))


@pytest.mark.parametrize("name", ["face-api.js", "@vladmandic/face-api", "@vladmandic/human", "@mediapipe/face_mesh", "clmtrackr"])
def test_a_planted_npm_package_fails(name: str) -> None:
    lock = json.dumps({"packages": {"": {}, "node_modules/react": {}, f"node_modules/antd/node_modules/{name}": {}}})
    assert any(name in one for one in refusals.forbidden_packages("console/package-lock.json", lock))


def test_a_planted_go_module_fails() -> None:
    assert list(refusals.forbidden_packages("go.sum", GO.format(name="github.com/Kagami/go-face")))


INNOCENT = [
    "interface", "NetworkInterface", "surface", "surfaces", "typeface", "preface", "facet", "facade", "facility",
    "faceplate", "personnel", "personal", "PersonShape", "NewPerson", "person", "people", "trace", "brace", "terrace",
    "grace_s", "racecar", "remote", "emote", "moodle", "reads", "region", "relation", "precision", "bordering",
    "reidentifiers_of_nothing", "ferry", "transfer", "buffer", "prefer", "offer", "gaiters", "clothesline", "Peer",
    "FeatureFlags", "VectorTile", "cascade", "CascadeNode", "catalogue", "tracker", "trackable", "TraceMessages", "score",
    "riskless", "training_date", "home_position", "HomePosition", "workstation", "interfaces-checker", "aria-hidden",
    "audit_extract", "readAudit", "extractAudit", "iris_open", "iris_close", "fingerprint", "healthz", "interlace",
    "religious_place", "deface", "ipv6_surface", "faced", "race_conditionless",
]  # fmt: skip


@pytest.mark.parametrize("name", INNOCENT)
def test_innocent_words_pass(name: str) -> None:
    assert list(refused_in(name)) == []


@pytest.mark.parametrize("rule", [f"R{number}" for number in range(1, 13)])
def test_every_rule_has_terms_and_each_is_found_in_any_spelling(rule: str) -> None:
    assert TERMS[rule]
    for term in TERMS[rule]:
        words = term.split()
        glued = "".join(word.title() for word in words)
        for name in ("_".join(words), "-".join(words), glued, f"/api/v1/{'-'.join(words)}/{{code}}"):
            assert (rule, term) in set(refused_in(name)), name


@pytest.mark.parametrize("name", ["faceid", "facesearch", "FaceNet", "arcface", "face_embedding", "faces", "personReID"])
def test_words_written_as_one_are_found(name: str) -> None:
    assert list(refused_in(name))


def test_a_planted_model_file_fails_whatever_its_name(tmp_path: Path) -> None:
    planted = {
        "w600k.onnx": b"\x08\x07",
        "net.pt": b"",
        "net.ENGINE": b"",
        "net.tflite": b"",
        "icon.dat": b"\x1c\0\0\0TFL3" + bytes(40),
        "weights.txt": b"\x89HDF\r\n\x1a\n" + bytes(10),
        "logo.zip": b"PK\x03\x04" + bytes(26) + b"archive/data.pkl",
        "frontal.xml": b'<?xml version="1.0"?><opencv_storage><cascade>',
    }
    for name, octets in planted.items():
        (tmp_path / name).write_bytes(octets)
    (tmp_path / "street.h264").write_bytes(bytes(4) + b"\x67")
    (tmp_path / "origin.toml").write_text("[origin]")
    (tmp_path / "table.xml").write_text("<Response/>")
    found = "\n".join(refusals.model_files(sorted(tmp_path.iterdir())))
    assert all(name in found for name in planted), found
    assert len(found.splitlines()) == len(planted)


def test_a_planted_table_and_column_fail() -> None:
    planted = sa.MetaData()
    sa.Table("face_features", planted, sa.Column("id", sa.Integer))
    sa.Table("sightings", planted, sa.Column("interface", sa.Integer), sa.Column("ethnicity", sa.String))
    found = list(refusals.refused_columns(planted))
    assert found == ["table: face_features (R1: face)", "column of sightings: ethnicity (R3: ethnicity)"]


class _Query(BaseModel):
    plate: str
    companion_vehicles: int = 0


def test_a_planted_operation_and_field_fail() -> None:
    planted = FastAPI()

    @planted.post("/cameras/{code}/persons/search", operation_id="findSomebody")
    async def search(code: str, emotion: str, body: _Query) -> None: ...

    found = list(refusals.refused_operations(planted.openapi()))
    assert found == [
        "path: /cameras/{code}/persons/search (R1: person search)",
        "parameter of /cameras/{code}/persons/search: emotion (R4: emotion)",
        "field of _Query: companion_vehicles (R7: companion vehicle)",
    ]


def test_a_planted_page_and_module_fail() -> None:
    route = 'const faces = createRoute({ getParentRoute: () => root, path: "/face-search", component: Missing });'
    assert any("page in routes.tsx: /face-search" in one for one in refusals.refused_pages("routes.tsx", route))
    assert any("/life-patterns" in one for one in refusals.refused_pages("Shell.tsx", '<Link to="/life-patterns">'))
    code = "import cv2\ndef detect(picture):\n    return cv2.FaceDetectorYN.create('x')\n"
    assert list(refusals.refused_names("src/fengsui/stills.py", code))
    assert list(refusals.refused_names("src/fengsui/features/gait/model.py", ""))
    assert list(refusals.refused_names("crates/x/src/lib.rs", "pub fn reidentify_person(a: u8) {}"))


def _tree(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "requirements.lock").write_text(REQUIREMENTS.format(name="interface-meta"))
    (root / "console").mkdir()


def _run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "checks.refusals", str(root)], capture_output=True, text=True)


def test_the_build_check_passes_here_and_fails_with_something_planted(tmp_path: Path) -> None:
    here = _run(Path())
    assert here.returncode == 0, here.stdout
    _tree(tmp_path)
    assert _run(tmp_path).returncode == 0
    (tmp_path / "requirements.lock").write_text(REQUIREMENTS.format(name="insightface"))
    (tmp_path / "console" / "model.bin.onnx").write_bytes(b"")
    planted = _run(tmp_path)
    assert planted.returncode == 1
    assert "requirements.lock: package insightface (R1: insightface)" in planted.stdout and "model.bin.onnx" in planted.stdout
