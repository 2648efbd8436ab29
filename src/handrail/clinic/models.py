"""The tables of the clinic's store. ``migrations`` makes them; a test holds the two together."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

#: A key that SQLite counts up by itself and PostgreSQL does not run out of.
Counted = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all tables share."""


class SettingRow(Base):
    """What holds for the whole clinic: its place, whether the log is on."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class PractitionerRow(Base):
    """Somebody who works here."""

    __tablename__ = "practitioner"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    npi: Mapped[str | None] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    credentials: Mapped[list[CredentialRow]] = relationship(
        back_populates="practitioner", cascade="all, delete-orphan", order_by="CredentialRow.id", lazy="selectin"
    )


class CredentialRow(Base):
    """A licence or registration; one of a profession and a place each."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("practitioner_id", "profession", "jurisdiction"),)

    id: Mapped[int] = mapped_column(Counted, primary_key=True)
    practitioner_id: Mapped[str] = mapped_column(ForeignKey("practitioner.id", ondelete="CASCADE"), index=True)
    profession: Mapped[str] = mapped_column(String(64))
    jurisdiction: Mapped[str] = mapped_column(String(8))
    register_class: Mapped[str | None] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date, index=True)
    compact: Mapped[str | None] = mapped_column(String(100))
    endorsements: Mapped[list[str]] = mapped_column(JSON)
    training: Mapped[dict[str, float]] = mapped_column(JSON)
    practitioner: Mapped[PractitionerRow] = relationship(back_populates="credentials")


class ServiceRow(Base):
    """What the clinic offers, as a technique on regions."""

    __tablename__ = "service"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    technique: Mapped[str] = mapped_column(String(32))
    regions: Mapped[list[str]] = mapped_column(JSON)


class EntryRow(Base):
    """An entry of the decision log. ``body`` is what counts; the columns beside it repeat it, to be searched."""

    __tablename__ = "log_entry"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(27), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    user_name: Mapped[str] = mapped_column(String(128))
    client: Mapped[str | None] = mapped_column(String(64), index=True)
    practitioner: Mapped[str | None] = mapped_column(String(64), index=True)
    verdict: Mapped[str | None] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class HeadRow(Base):
    """Where the log ends: one row, locked while an entry is added."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class UserRow(Base):
    """An account."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Counted, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(255))
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)


class SessionRow(Base):
    """A signed-in browser; only a hash of its token is kept. Times in seconds since 1970."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    seen: Mapped[float] = mapped_column(Float)
    ends: Mapped[float] = mapped_column(Float)


class KeyRow(Base):
    """An API key; only a hash of it is kept."""

    __tablename__ = "api_key"

    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(128))
    made: Mapped[float] = mapped_column(Float)
    ends: Mapped[float | None] = mapped_column(Float)
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)


class AttemptRow(Base):
    """A failed attempt to sign in, of a name or of an address (both hashed)."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(Counted, primary_key=True)
    bucket: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[float] = mapped_column(Float)


class AnsweredRow(Base):
    """A write that was answered, so that the same Idempotency-Key gets the same answer."""

    __tablename__ = "answered"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[Any] = mapped_column(JSON)
    at: Mapped[float] = mapped_column(Float, index=True)
