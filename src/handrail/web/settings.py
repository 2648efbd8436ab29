"""Settings of the service, read from the environment (``HANDRAIL_...``)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting has a name in the environment: ``HANDRAIL_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="HANDRAIL_", extra="ignore", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Others than loopback are for a reverse proxy."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Processes.")
    database: str | None = Field(
        None,
        description="SQLAlchemy URL of the clinic's store (sqlite:///handrail.db, postgresql+psycopg://...). None: no clinic.",
    )
    data: Path = Field(Path("handrail-data"), description="Folder for audits that are under way.")
    behind_proxy: bool = Field(False, description="Trust X-Forwarded-* of the proxy in front, and send HSTS.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
