"""Long JSON answers, compressed for whoever takes them so."""

from __future__ import annotations

import asyncio
import gzip

from fastapi import Request, Response

GZIP_LEVEL = 3


async def compressed(request: Request, text: str) -> Response:
    """A JSON text; compressed beside the loop, which has others to serve."""
    headers = {"vary": "accept-encoding"}
    if "gzip" not in [one.split(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")]:
        return Response(text, media_type="application/json", headers=headers)
    small = await asyncio.to_thread(lambda: gzip.compress(text.encode(), GZIP_LEVEL))
    return Response(small, media_type="application/json", headers=headers | {"content-encoding": "gzip"})
