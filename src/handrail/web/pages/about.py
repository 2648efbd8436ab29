"""About: what this is, how sure it is, what it keeps."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from handrail.web.pages.rendering import render

router = APIRouter()
SURE = (
    "statute",
    "regulation",
    "regulator_guidance",
    "attorney_general",
    "court",
    "follows",
    "unread",
    "secondary",
    "none",
)


@router.get("/about")
def about(request: Request) -> HTMLResponse:
    """What Handrail is, how sure its answers are, and what is kept of a visitor."""
    return render(request, "about.html", sure=SURE)
