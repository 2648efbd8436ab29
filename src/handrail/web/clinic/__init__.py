"""The clinic's doors: REST under ``/v1/clinic``, and the pages of those signed in. Needs the extra ``clinic``."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from handrail.web.clinic.access import ACCESS
from handrail.web.clinic.guard import COOKIE, current_user

__all__ = ["ACCESS", "COOKIE", "add_clinic", "current_user"]


def add_clinic(app: FastAPI) -> None:
    """Adds the clinic's routes, and keeps what EHRs say of cards in its log.

    Without ``HANDRAIL_DATABASE`` the routes say that there is no clinic here.
    """
    from handrail.clinic import Log, Store
    from handrail.web.clinic import pages, rest, rest_people
    from handrail.web.clinic.guard import check_store, told

    settings = app.state.settings
    app.state.clinic = Store(settings.database) if settings.database else None
    app.state.feedback = None
    if app.state.clinic is not None:
        store = app.state.clinic

        def feedback(given: dict[str, Any]) -> None:
            with told():
                Log(store).feedback(given, user="cds-hooks")

        app.state.feedback = feedback
        app.state.checks.append(lambda: check_store(app.state))
    app.include_router(rest.router())
    app.include_router(rest_people.router())
    app.include_router(pages.router(), include_in_schema=False)
