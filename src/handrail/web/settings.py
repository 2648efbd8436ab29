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
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes any that is free.")
    workers: int = Field(1, ge=1, le=64, description="Processes.")
    database: str | None = Field(
        None,
        description="SQLAlchemy URL of the clinic's store (`sqlite:///handrail.db`, `postgresql+psycopg://...`). "
        "Without it there is no clinic.",
    )
    data: Path = Field(Path("handrail-data"), description="Folder for audits that are under way.")
    behind_proxy: bool = Field(
        False, description="Trust X-Forwarded-For and -Proto of the proxy in front, and send HSTS over https."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    cors_origins: list[str] = Field(
        default_factory=list,
        description='Origins whose pages may call `/v1`, as JSON: `["https://clinic.example"]`.',
    )
    max_body_mib: float = Field(16, gt=0, le=1024, description="Largest body of a request, in MiB.")
    max_upload_mib: float = Field(256, gt=0, le=65536, description="Largest claims file, in MiB.")
    max_seconds: float = Field(30, gt=0, le=3600, description="Time in which an answer must begin.")
    max_at_once: int = Field(256, ge=1, le=65536, description="Requests at the same time, per process.")
    audits_at_once: int = Field(1, ge=1, le=64, description="Audits that run at the same time, per process.")
    audits_kept: int = Field(50, ge=1, le=100_000, description="Audits that may lie in the folder at once.")
    audit_hours: float = Field(
        24, gt=0, le=8760, description="Hours after which an audit and its file are deleted."
    )
