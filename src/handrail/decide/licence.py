"""The licence gate: is there a credential that is valid here, today?

What is not given is assumed and said; it is no need. What is given and fails stops its holder, and does not turn
them into an unlicensed person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handrail.decide.case import Credential
from handrail.decide.judgement import Judgement, Reason, of
from handrail.law import Law
from handrail.terms import FULL_REGISTER_CLASSES, PROFESSIONS, Leaning, Verdict, did_you_mean

GATE = "licence"
AS_GIVEN = "the credential as given"
ASSUMED = "assumed: nothing was given that says otherwise"


def judge(
    credential: Credential,
    law: Law,
    day: date,
    endorsements: frozenset[str],
    training: frozenset[str],
    closed_classes: frozenset[str],
) -> Judgement:
    """The licence gate's answer.

    Args:
        credential: what the practitioner holds.
        law: the law of the place.
        day: the day asked.
        endorsements: ids of endorsements that some rule in question asks for.
        training: subjects of training in hours that something in question asks for.
        closed_classes: register classes of which a rule in question speaks.
    """
    if credential.profession == "unlicensed_person":
        return of([_reason(Verdict.PERMITTED, "No licence is claimed.", AS_GIVEN)])
    reasons = [
        *_status(credential),
        *_dates(credential, day),
        *_place(credential, law),
        *_register_class(credential, closed_classes),
        *_not_asked_for("endorsement", credential.endorsements, endorsements),
        *_not_asked_for("training", credential.training, training),
    ]
    if all(reason.verdict is Verdict.PERMITTED for reason in reasons):
        assumed = _assumptions(credential)
        if assumed:
            name = PROFESSIONS[credential.profession].name
            text = f"Assumed of the {name}'s credential: {', '.join(assumed)}."
            reasons.insert(0, _reason(Verdict.PERMITTED, text, ASSUMED))
        else:
            reasons.insert(0, _reason(Verdict.PERMITTED, "The credential given is valid here.", AS_GIVEN))
    return of(reasons)


def _reason(verdict: Verdict, text: str, source: str, leaning: Leaning | None = None) -> Reason:
    return Reason(GATE, verdict, text, leaning, source=source)


def _status(credential: Credential) -> list[Reason]:
    if credential.status in (None, "active"):
        return []
    if credential.status == "unknown":
        text = "The status of the licence is not known."
        return [_reason(Verdict.UNDETERMINED, text, AS_GIVEN, Leaning.NONE)]
    return [_reason(Verdict.PROHIBITED, f"The licence is {credential.status}.", AS_GIVEN)]


def _dates(credential: Credential, day: date) -> list[Reason]:
    if credential.valid_from and day < credential.valid_from:
        text = f"The licence begins on {credential.valid_from}, after {day}."
        return [_reason(Verdict.PROHIBITED, text, AS_GIVEN)]
    if credential.valid_to and day > credential.valid_to:
        text = f"The licence ended on {credential.valid_to}, before {day}."
        return [_reason(Verdict.PROHIBITED, text, AS_GIVEN)]
    return []


def _place(credential: Credential, law: Law) -> list[Reason]:
    if credential.jurisdiction in (None, law.jurisdiction):
        return []
    if credential.compact:
        text = (
            f"The licence is of {credential.jurisdiction}, used here under {credential.compact}; "
            "which places belong to that compact was not researched."
        )
        return [_reason(Verdict.UNDETERMINED, text, AS_GIVEN, Leaning.NONE)]
    text = f"The licence is of {credential.jurisdiction}, not of {law.file.name}."
    return [_reason(Verdict.PROHIBITED, text, AS_GIVEN)]


def _register_class(credential: Credential, closed_classes: frozenset[str]) -> list[Reason]:
    held = credential.register_class
    if held is None or held in FULL_REGISTER_CLASSES or held in closed_classes:
        return []  # where a rule speaks of the class, its condition decides
    text = f"No source that was read says what the register class {held!r} may do here."
    return [_reason(Verdict.UNDETERMINED, text, AS_GIVEN, Leaning.NONE)]


def _not_asked_for(what: str, shown: Iterable[str], asked_for: frozenset[str]) -> list[Reason]:
    reasons = []
    for held in shown:
        if held not in asked_for:
            hint = f" {did_you_mean(held, sorted(asked_for))}" if asked_for else ""
            text = f"Nothing here asks for the {what} {held!r}; it counts for nothing.{hint}"
            reasons.append(_reason(Verdict.PERMITTED, text, AS_GIVEN))
    return reasons


def _assumptions(credential: Credential) -> list[str]:
    assumed = []
    if credential.status is None and credential.valid_from is None and credential.valid_to is None:
        assumed.append("valid on the day")
    elif credential.status is None:
        assumed.append("active")
    if credential.jurisdiction is None:
        assumed.append("of this place")
    if credential.register_class is None:
        assumed.append("full register")
    return assumed
