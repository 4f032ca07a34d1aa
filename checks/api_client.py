"""The console's API client is generated; a stale one fails the build.

`python -m checks.api_client` compares, `--write` generates `console/openapi.json` and `console/src/api-client/schema.ts`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from fengsui.app import openapi_document

DOCUMENT = Path("console/openapi.json")
CLIENT = Path("console/src/api-client/schema.ts")


def generate(folder: Path) -> tuple[str, str]:
    """The OpenAPI document of the running code and the TypeScript types made from it."""
    document = json.dumps(openapi_document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    source, target = folder / "openapi.json", folder / "schema.ts"
    source.write_text(document, encoding="utf-8")
    subprocess.run(
        ["npx", "--no-install", "openapi-typescript", str(source), "-o", str(target)],
        cwd="console",
        check=True,
        capture_output=True,
    )
    return document, target.read_text(encoding="utf-8")


def main() -> int:
    """0 when the committed document and client are those of the code."""
    with tempfile.TemporaryDirectory() as folder:
        document, client = generate(Path(folder))
    if "--write" in sys.argv:
        DOCUMENT.write_text(document, encoding="utf-8")
        CLIENT.write_text(client, encoding="utf-8")
        return 0
    stale = [
        str(path)
        for path, wanted in ((DOCUMENT, document), (CLIENT, client))
        if not path.exists() or path.read_text(encoding="utf-8") != wanted
    ]
    if stale:
        sys.stdout.write(f"stale: {', '.join(stale)}; run `make client` and commit the result\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
