"""Whether what a record says counts on the day asked: its status, when it began and when it ended.

What is unclear is asked, never taken as a no; what contradicts itself is asked too.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from handrail.intake.coding import STATUS, shown
from handrail.intake.dates import Span, span
from handrail.intake.fhir_model import Concept, Condition, Interval, MedicationUse, there

ACTIVE = ("active", "recurrence", "relapse")
CLINICAL = (*ACTIVE, "inactive", "remission", "resolved")
VERIFICATION = ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error")
UNSURE = ("unconfirmed", "provisional", "differential")

REQUEST = ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown")
STATEMENT = ("active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken")
#: A request with one of these is not, or no longer, in force.
ENDED = ("cancelled", "completed", "stopped", "not-taken")
ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
MODIFIED = "it has a modifier extension, which may change its meaning"


class Standing(NamedTuple):
    """How a resource stands on the day asked.

    Args:
        aside: why it does not count; None if it may.
        past: why it is over; then only rows for which the past counts are asked.
        asks: reasons why it can only be asked.
        active: whether it is called active on that day; None if nobody says.
        flare: whether it has come back.
        since: when it began.
        known_by: a day on which it had begun: it was written down then, or had ended.
    """

    aside: str | None = None
    past: str | None = None
    asks: tuple[str, ...] = ()
    active: bool | None = None
    flare: bool | None = None
    since: Span | None = None
    known_by: Span | None = None


def status_of(concept: Concept | None, system: str, known: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The code of a status, and what is there instead if it is none of R4's.

    Args:
        concept: the status.
        system: the last part of its code system's address.
        known: the codes that R4 has.
    """
    if concept is None:
        return None, None
    for coding in concept.coding:
        if coding.code in known and coding.system in (None, f"{STATUS}{system}"):
            return coding.code, None
    first = next((coding for coding in concept.coding if coding.code), None)
    return None, shown(first.code) if first else ""


def day_of(text: str | None, where: str) -> Span | None:
    """The days that a date may mean, if there is one; raises InputError if it is no date."""
    return span(text, where) if text else None


def written(days: Span) -> str:
    """A day, or from when to when it may be."""
    return f"{days.first}" if days.first == days.last else f"{days.first} to {days.last}"


def condition(found: Condition, on: date, where: str) -> Standing:
    """How a Condition stands on a day.

    Raises:
        InputError: for a date that is none, with the path.
    """
    verified, odd = status_of(found.verificationStatus, "condition-ver-status", VERIFICATION)
    if verified in ("refuted", "entered-in-error"):
        return Standing(aside=f"its verificationStatus is {verified}")
    asks = [f"its verificationStatus is {verified}"] if verified in UNSURE else []
    if odd is not None:
        asks.append("its verificationStatus is none of R4's")
    clinical, odd = status_of(found.clinicalStatus, "condition-clinical", CLINICAL)
    if odd is not None:
        asks.append("its clinicalStatus is none of R4's")
    if there(found.modifierExtension):
        asks.append(MODIFIED)

    began = found.onsetPeriod or Interval()
    since = day_of(found.onsetDateTime, f"{where}.onsetDateTime") or day_of(
        began.start, f"{where}.onsetPeriod.start"
    )
    recorded = day_of(found.recordedDate, f"{where}.recordedDate")
    ended = found.abatementPeriod or Interval()
    until = day_of(found.abatementDateTime, f"{where}.abatementDateTime") or day_of(
        ended.end, f"{where}.abatementPeriod.end"
    )
    vague = found.abatementString or there(found.abatementAge) or there(found.abatementRange) or ended.start

    if since and since.first > on:
        if not recorded or recorded.first > on:
            return Standing(aside=f"begins after the day asked ({written(since)})")
        asks.append(f"said to begin after the day asked ({written(since)}), and yet recorded before it")
        since = None
    elif not since and recorded and recorded.first > on:
        asks.append(f"recorded after the day asked ({written(recorded)}), and it does not say since when it is")
    if since and until and until.last < since.first:
        asks.append("said to end before it began")
        until = None

    bounds = [days for days in (recorded, until) if days and days.last <= on]
    known_by = min(bounds, key=lambda days: days.last, default=None)
    past = None
    active = True if clinical in ACTIVE else False if clinical else None
    if until and until.last < on:
        past = f"over since {written(until)}"
    elif until and until.first >= on:
        active = True
    elif until:
        asks.append(f"ended about the day asked ({written(until)})")
    elif clinical == "resolved" or (vague and clinical not in ACTIVE):
        past = "resolved; the day is not said"
    elif vague:
        asks.append("said to have ended, and called active")
    elif clinical in ("inactive", "remission"):
        asks.append(f"its clinicalStatus is {clinical}")
    if past and clinical in ACTIVE:
        asks.append(f"{past}, and yet called {clinical}")
        past = None
    return Standing(None, past, tuple(asks), active, clinical in ("recurrence", "relapse"), since, known_by)


def medication(use: MedicationUse, kind: str, on: date, where: str) -> Standing:
    """How a MedicationRequest or MedicationStatement stands on a day.

    Raises:
        InputError: for a date that is none, with the path.
    """
    request = kind == "MedicationRequest"
    status = use.status if use.status in (REQUEST if request else STATEMENT) else None
    if status == "entered-in-error":
        return Standing(aside="its status is entered-in-error")
    if use.doNotPerform:
        return Standing(aside="doNotPerform: it says not to give it")
    asks = [] if status else ["its status is missing, or none of R4's"]
    if there(use.modifierExtension):
        asks.append(MODIFIED)
    period = use.effectivePeriod or Interval()
    single = day_of(use.effectiveDateTime, f"{where}.effectiveDateTime")
    since = day_of(period.start, f"{where}.effectivePeriod.start") or single
    until = day_of(period.end, f"{where}.effectivePeriod.end")
    written_on = day_of(use.authoredOn, f"{where}.authoredOn") or day_of(use.dateAsserted, f"{where}.dateAsserted")
    if request and written_on and written_on.first > on:
        return Standing(aside=f"ordered after the day asked ({written(written_on)})")
    if since and since.first > on:
        return Standing(aside=f"begins after the day asked ({written(since)})")
    if since and until and until.last < since.first:
        asks.append("said to end before it began")
        since = until = None
    if until and until.last < on:
        return Standing(aside=f"ended before the day asked ({written(until)})")
    covers = since is not None and until is not None and until.first >= on
    if status in ENDED and not covers:
        return Standing(aside=f"its status is {status}")
    if status == "draft":
        return Standing(aside="its status is draft")
    if status in ("on-hold", "unknown", "intended"):
        asks.append(f"its status is {status}")
    if request and use.intent not in ORDERS:
        asks.append(f"its intent is {shown(use.intent) or 'missing'}, not an order")
    taken = since if since is not single else None
    return Standing(None, None, tuple(asks), status == "active" or covers, None, taken)
