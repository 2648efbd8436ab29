"""What is counted, for Prometheus: requests by route, and decisions by verdict. Nothing about anybody."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

REGISTRY = CollectorRegistry()
REQUESTS = Counter("handrail_requests", "Requests.", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "handrail_request_seconds",
    "Seconds until a request was answered whole.",
    ("route",),
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
DECISIONS = Counter("handrail_decisions", "Decisions given.", ("door", "verdict"), registry=REGISTRY)
_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Counts a request."""
    REQUESTS.labels(method if method in _METHODS else "other", route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def decided(door: str, verdict: str, count: int = 1) -> None:
    """Counts decisions given at a door: ``rest``, ``hooks``, ``pages``, ``clinic`` or ``mcp``."""
    DECISIONS.labels(door, verdict).inc(count)


def metrics() -> Response:
    """All of it, as Prometheus reads it."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
