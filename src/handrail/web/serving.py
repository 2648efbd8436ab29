"""Runs the service: finds a port, says where it is, serves until it is told to stop."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from pydantic import ValidationError

from handrail.terms import InputError
from handrail.web.app import create_app
from handrail.web.logs import configure
from handrail.web.settings import Settings

#: Seconds that requests under way have to end when the service stops.
GRACE = 20


def settings_from(given: dict[str, Any]) -> Settings:
    """Settings from the environment, and what was given on the command line.

    Raises:
        InputError: for a setting that is none.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "HANDRAIL_" + str(first["loc"][0]).upper()
        raise InputError(str(first["msg"]), where=name, hint="docs/service.md lists the settings") from None


def make() -> Any:
    """The application of a worker process, which has its settings in the environment."""
    settings = Settings()
    configure(settings.log_level)
    return create_app(settings)


def run(given: dict[str, Any], say: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; requests under way are answered first.

    Args:
        given: settings that win over the environment.
        say: told the address, once the port is taken.

    Raises:
        InputError: if a setting is none, or the port cannot be taken.
    """
    settings = settings_from(given)
    for name, value in given.items():  # for worker processes
        os.environ[f"HANDRAIL_{name.upper()}"] = str(value)
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"Handrail is at http://{shown}:{port}  (Ctrl+C stops it)")
    config = uvicorn.Config(
        "handrail.web.serving:make",
        factory=True,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips="*" if settings.behind_proxy else None,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
    )
    if settings.workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[listening]).run()
    else:
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        made = socket.socket(info[0], socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(info[4])
        made.listen(2048)
        made.set_inheritable(True)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(
            f"cannot listen on {host}:{port} ({why})",
            where="serve",
            hint="Give another --port, or --port 0 for any",
        ) from None
    return made
