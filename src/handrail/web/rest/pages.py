"""Parts of long lists, by ``limit`` and ``offset``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from handrail.web.rest.decisions import encoded

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="How many to pass over")]


def page(request: Request, rows: Sequence[Any], limit: int, offset: int) -> Response:
    """A part of the rows; the address of the next part also stands in the Link header."""
    upto = offset + limit
    following = None
    if upto < len(rows):
        url = request.url.include_query_params(limit=limit, offset=upto)
        following = f"{url.path}?{url.query}"
    answer = encoded({"items": list(rows[offset:upto]), "total": len(rows), "next": following})
    if following:
        answer.headers["link"] = f'<{following}>; rel="next"'
    return answer
