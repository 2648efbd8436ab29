"""Technique: what thrust and mobilization are, with pictures from published figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from handrail.terms import TECHNIQUES
from handrail.terms.force_time import force_time, used
from handrail.terms.technique import classify
from handrail.web.pages import shapes
from handrail.web.pages.rendering import language_of, render, text

router = APIRouter()
_CHOICES = {
    "speed": ("fast", "slow"),
    "amplitude": ("small", "large"),
    "tissue": ("soft", "joint"),
    "range": ("beyond", "within"),
    "can_resist": ("yes", "no"),
    "pop": ("yes", "no"),
    "region": ("cervical", "thoracic", "lumbar", "sacral", "extremity"),
}
_FLAGS = {"yes": True, "no": False, "beyond": True, "within": False, "": None}


@router.get("/technique")
def technique(request: Request) -> HTMLResponse:
    """What the techniques are; with a description in the address, which of them it fits."""
    language = language_of(request)

    def say(key: str, **values: object) -> str:
        return text(language, key, **values)

    data = force_time()
    names = used(data)
    given = {name: request.query_params.get(name, "") for name in _CHOICES}
    given = {name: value if value in _CHOICES[name] else "" for name, value in given.items()}
    return render(
        request,
        "technique.html",
        techniques=TECHNIQUES,
        data=data,
        both=shapes.thrust_and_mobilization(data, say),
        whole=shapes.whole_thrust(data, say),
        durations=shapes.durations(data, say),
        peaks=shapes.peaks(data, say),
        sources=[(number, data.sources[name]) for number, name in enumerate(names, 1)],
        number={name: number for number, name in enumerate(names, 1)},
        choices=_CHOICES,
        given=given,
        found=_classified(given) if any(given.values()) else None,
    )


def _classified(given: dict[str, str]) -> Any:
    return classify(
        speed=given["speed"] or None,
        amplitude=given["amplitude"] or None,
        beyond_passive_range=_FLAGS[given["range"]],
        tissue=given["tissue"] or None,
        can_resist=_FLAGS[given["can_resist"]],
        pop=_FLAGS[given["pop"]],
        region=given["region"] or None,
    )
