"""FHIR R4 Claim and ExplanationOfBenefit, one resource in each line, as a bulk export writes them.

What a reference points at is looked for in the resource's ``contained``, and in files of a bulk export beside it
that are named after Practitioner, PractitionerRole, Organization or Location.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from handrail.audit.rows import Batches, Rows, diagnoses
from handrail.audit.streams import Bytes
from handrail.audit.troubles import Stop, Troubles

NPI = "http://hl7.org/fhir/sid/us-npi"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
TAXONOMY = "http://nucc.org/provider-taxonomy"
#: Systems of procedure codes; one without a system is taken too.
PROCEDURES = (
    "http://www.ama-assn.org/go/cpt",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
    "urn:oid:2.16.840.1.113883.6.285",
    "urn:oid:2.16.840.1.113883.6.12",
)
_CLAIMS = ("Claim", "ExplanationOfBenefit")
_BESIDE = ("PractitionerRole", "Practitioner", "Organization", "Location")


def batches(stream: Bytes, troubles: Troubles, folder: Path) -> Batches:
    """First row, number of rows and the items of each batch.

    Raises:
        Stop: if a line is longer than what may be in memory.
    """
    rows, others = Rows(), dict[str, int]()
    known: dict[str, dict[str, Any]] | None = None
    line = 0
    stopped: Stop | None = None
    blocks = stream.blocks()
    while stopped is None:
        try:
            block = next(blocks, b"")
        except Stop as stop:
            stopped, block = stop, b""
        if not block:
            break
        for text in block.splitlines():
            line += 1
            if not text.strip():
                continue
            record = _record(text)
            if record is None:
                troubles.add("json", rows.lose(), "is no FHIR resource in JSON", f"line {line}", rows=1)
            elif record.get("resourceType") not in _CLAIMS:
                name = str(record.get("resourceType"))[:40]
                others[name] = others.get(name, 0) + 1
            else:
                known = _beside(folder, troubles) if known is None else known
                _claim(record, rows, troubles, known, line)
            if rows.full():
                yield from rows.take()
    yield from rows.take()
    for name, number in others.items():
        troubles.add("other", None, f"{number} resources are no claims ({name}): passed over")
    if stopped is not None:
        raise stopped


def _record(text: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("resourceType"), str) else None


def _beside(folder: Path, troubles: Troubles) -> dict[str, dict[str, Any]]:
    """Resources of the export that claims refer to, by type and id."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.ndjson*")):
        if not any(word in path.name.split(".") for word in _BESIDE):
            continue
        try:
            with Bytes(path, Troubles(path.name)) as stream:
                for block in stream.blocks():
                    for text in block.splitlines():
                        record = _record(text) if text.strip() else None
                        if record and record["resourceType"] in _BESIDE and isinstance(record.get("id"), str):
                            found[f"{record['resourceType']}/{record['id']}"] = record
        except Stop as stop:
            troubles.add("beside", None, f"{path.name} {stop}")
    return found


def _claim(
    claim: dict[str, Any], rows: Rows, troubles: Troubles, known: dict[str, dict[str, Any]], line: int
) -> None:
    try:
        contained = {f"#{part.get('id')}": part for part in _list(claim.get("contained"))}
        _Reading(claim, {**known, **contained} if contained else known).put(rows, troubles, line)
    except (AttributeError, TypeError, ValueError):
        troubles.add("claim", rows.lose(), "is no FHIR R4 claim: a part has another form", f"line {line}", rows=1)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError
    return value


def _coded(concept: Any, *systems: str) -> str | None:
    """The first code of one of some systems in a CodeableConcept; of any, if none is given."""
    for coding in _list((concept or {}).get("coding")):
        if coding.get("code") and (not systems or coding.get("system") in systems):
            return str(coding["code"])
    return None


class _Reading:
    """One claim on its way."""

    def __init__(self, claim: dict[str, Any], known: dict[str, dict[str, Any]]) -> None:
        self.claim, self.known = claim, known
        self.icd10: list[tuple[int, str]] = []
        self.other = False
        for number, part in enumerate(_list(claim.get("diagnosis")), 1):
            code = _coded(part.get("diagnosisCodeableConcept"), ICD10CM)
            if code:
                self.icd10.append((int(part.get("sequence", number)), code))
            else:
                self.other = True
        self.team = {part.get("sequence"): part for part in _list(claim.get("careTeam"))}

    def put(self, rows: Rows, troubles: Troubles, line: int) -> None:
        items = _list(self.claim.get("item"))
        made = [self._item(item, number) for number, item in enumerate(items, 1)]
        for values in made:
            rows.add(values)
        if not items:
            troubles.add("claim", rows.lose(), "a claim has no items", f"line {line}", rows=1)

    def _item(self, item: dict[str, Any], number: int) -> dict[str, Any]:
        first, last = self._days(item)
        concept = item.get("productOrService")
        procedure = _coded(concept, *PROCEDURES)
        if procedure is None and not any(c.get("system") for c in _list((concept or {}).get("coding"))):
            procedure = _coded(concept)
        modifiers = [code for part in _list(item.get("modifier")) if (code := _coded(part))]
        pointed = [int(n) for n in _list(item.get("diagnosisSequence"))]
        npi, taxonomy, name = self._who(item)
        return {
            "claim": self.claim.get("id"),
            "line": item.get("sequence", number),
            "npi": npi,
            "taxonomy": taxonomy,
            "provider_type": name,
            "state": self._place(item),
            "procedure": procedure or _coded(concept),
            "modifiers": " ".join(modifiers) or None,
            "service_from": first,
            "service_to": last,
            "other_dx": "yes" if self.other else None,
            "amount": (item.get("net") or {}).get("value"),
            "units": (item.get("quantity") or {}).get("value"),
            **diagnoses(self.icd10, pointed),
        }

    def _days(self, item: dict[str, Any]) -> tuple[str | None, str | None]:
        if item.get("servicedDate"):
            return item["servicedDate"], item["servicedDate"]
        period = item.get("servicedPeriod") or self.claim.get("billablePeriod") or {}
        return period.get("start"), period.get("end") or period.get("start")

    def _who(self, item: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
        """NPI, taxonomy and specialty of who did it: of the item's, else the claim's, only or rendering member."""
        numbers = _list(item.get("careTeamSequence"))
        team = [self.team[n] for n in numbers if n in self.team] or list(self.team.values())
        doers = [m for m in team if _coded(m.get("role")) in ("rendering", "performing", "primary")] or team
        if len(doers) > 1:
            return None, None, None  # who of them did it is not said
        if not doers:
            return *self._resolved(self.claim.get("provider")), None
        npi, taxonomy = self._resolved(doers[0].get("provider"))
        qualification = doers[0].get("qualification")
        said = _coded(qualification, TAXONOMY)
        name = (qualification or {}).get("text") or next(
            (c.get("display") for c in _list((qualification or {}).get("coding")) if c.get("display")), None
        )
        return npi, said or taxonomy, None if said or taxonomy else name

    def _resolved(self, reference: Any) -> tuple[str | None, str | None]:
        """NPI and taxonomy behind a reference."""
        reference = reference or {}
        own = reference.get("identifier") or {}
        npi = own.get("value") if own.get("system") == NPI else None
        target = self._target(reference)
        if target.get("resourceType") == "PractitionerRole":
            found = [code for part in _list(target.get("specialty")) if (code := _coded(part, TAXONOMY))]
            person, _ = self._resolved(target.get("practitioner"))
            return npi or person or _npi(target), found[0] if len(set(found)) == 1 else None
        found = [
            code for part in _list(target.get("qualification")) if (code := _coded(part.get("code"), TAXONOMY))
        ]
        return npi or _npi(target), found[0] if len(set(found)) == 1 else None

    def _target(self, reference: Any) -> dict[str, Any]:
        at = str((reference or {}).get("reference") or "")
        return self.known.get(at) or self.known.get("/".join(at.split("/")[-2:])) or {}

    def _place(self, item: dict[str, Any]) -> str | None:
        """The state where it was done: the item's address, its location, the facility, the provider's address."""
        spots = [item.get("locationAddress")]
        for reference in (item.get("locationReference"), self.claim.get("facility"), self.claim.get("provider")):
            address = self._target(reference).get("address")
            spots += address if isinstance(address, list) else [address]
        return next((spot["state"] for spot in spots if spot and spot.get("state")), None)


def _npi(resource: dict[str, Any]) -> str | None:
    found = [part.get("value") for part in _list(resource.get("identifier")) if part.get("system") == NPI]
    return found[0] if found else None
