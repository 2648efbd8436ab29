"""Claims one by one: X12 837P and FHIR R4. Slower than columns: some hundred thousand lines a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from handrail.audit.fhir import ICD10CM, NPI, PROCEDURES, TAXONOMY
from handrail.audit.synthetic.cells import EPOCH
from handrail.audit.synthetic.draw import Chunk, World
from handrail.audit.synthetic.tables import FIRST_CLAIM

#: A service line points at up to four diagnoses of its claim.
_POINTERS = 4
#: Claims of a transaction set.
_CLAIMS_A_SET = 5000


class Claim(NamedTuple):
    """A claim, ready to be written. ``lines``: procedure, modifiers, units and amount of each."""

    number: str
    npi: str
    taxonomy: str
    place: str
    day: date
    diagnoses: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...], int, float], ...]


def claims(world: World, chunk: Chunk) -> Iterator[Claim]:
    """The claims of a chunk."""
    people, table = world.people, world.table
    last = 0
    lines: list[tuple[str, tuple[str, ...], int, float]] = []
    made: tuple[str, str, str, str, date, tuple[str, ...]] | None = None
    rows = zip(
        chunk.claim.tolist(),
        chunk.provider.tolist(),
        chunk.day.tolist(),
        chunk.template.tolist(),
        chunk.visit.tolist(),
        chunk.units.tolist(),
        chunk.amount.tolist(),
        strict=True,
    )
    for claim, provider, day, template, visit, units, amount in rows:
        if claim != last:
            if made:
                yield Claim(*made, tuple(lines))
            last, lines = claim, []
            npi = int(people.npi[provider])
            made = (
                str(FIRST_CLAIM + claim),
                str(npi) if npi else "",
                people.taxonomies[int(people.taxonomy[provider])],
                world.places[int(people.place[provider])],
                EPOCH + timedelta(days=day),
                table.visits[visit].diagnoses,
            )
        line = table.lines[template]
        lines.append((line.procedure, tuple(line.modifiers.split()), units, amount))
    if made:
        yield Claim(*made, tuple(lines))


class X12:
    """Writes 005010X222A1. Patients are numbers; the billing provider is who rendered it."""

    def __init__(self, to: Any) -> None:
        self.to, self.sets, self.group, self.hl, self.segments, self.claims = to, 0, 0, 0, 0, 0
        self.to.write(_ISA)
        self.to.write("GS*HC*SENDER*RECEIVER*20260101*1200*1*X*005010X222A1~\n")

    def write(self, claim: Claim) -> None:
        """Writes a claim."""
        if self.claims % _CLAIMS_A_SET == 0:
            self._end_set()
            self._begin_set()
        self.claims += 1
        total = sum(amount for *_, amount in claim.lines)
        country, state = claim.place.split("-")
        self._put(f"HL*{self.hl + 1}**20*1")
        self._put(f"PRV*BI*PXC*{claim.taxonomy}")
        self._put(f"NM1*85*1*PROVIDER*{claim.npi}****XX*{claim.npi}" if claim.npi else "NM1*85*1*PROVIDER")
        self._put("N3*1 SYNTHETIC WAY")
        self._put(f"N4*TOWN*{state}*000000000" if country == "US" else f"N4*TOWN*{state}*A1A1A1*{country}")
        self._put("REF*EI*000000000")
        self._put(f"HL*{self.hl + 2}*{self.hl + 1}*22*0")
        self.hl += 2
        self._put("SBR*P*18*******CI")
        self._put(f"NM1*IL*1*PATIENT*{claim.number}****MI*{claim.number}")
        self._put("N3*2 SYNTHETIC WAY")
        self._put(f"N4*TOWN*{state}*000000000" if country == "US" else f"N4*TOWN*{state}*A1A1A1*{country}")
        self._put("DMG*D8*19700101*U")
        self._put("NM1*PR*2*PAYER*****PI*PAYER")
        self._put(f"CLM*{claim.number}*{total:.2f}***11:B:1*Y*A*Y*Y")
        codes = [code.replace(".", "") for code in claim.diagnoses]
        self._put("*".join(["HI", *(f"{'ABF' if at else 'ABK'}:{code}" for at, code in enumerate(codes))]))
        pointers = ":".join(str(n) for n in range(1, min(len(codes), _POINTERS) + 1))
        for number, (procedure, modifiers, units, amount) in enumerate(claim.lines, 1):
            self._put(f"LX*{number}")
            self._put(f"SV1*{':'.join(['HC', procedure, *modifiers])}*{amount:.2f}*UN*{units}***{pointers}")
            self._put(f"DTP*472*D8*{claim.day:%Y%m%d}")

    def _put(self, segment: str) -> None:
        self.to.write(f"{segment}~\n")
        self.segments += 1

    def _begin_set(self) -> None:
        self.sets, self.segments, self.hl = self.sets + 1, 0, 0
        self._put(f"ST*837*{self.sets:04}*005010X222A1")
        self._put(f"BHT*0019*00*{self.sets}*20260101*1200*CH")
        self._put("NM1*41*2*SENDER*****46*SENDER")
        self._put("PER*IC*SYNTHETIC*TE*5555550000")
        self._put("NM1*40*2*RECEIVER*****46*RECEIVER")

    def _end_set(self) -> None:
        if self.sets:
            self._put(f"SE*{self.segments + 1}*{self.sets:04}")

    def close(self) -> None:
        """Ends the interchange."""
        self._end_set()
        self.to.write(f"GE*{self.sets}*1~\nIEA*1*000000001~\n")


_ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*^*00501*000000001*0*T*:~\n"
)


class Fhir:
    """Writes FHIR R4 Claim resources, one in each line."""

    def __init__(self, to: Any) -> None:
        self.to = to

    def write(self, claim: Claim) -> None:
        """Writes a claim."""
        day = claim.day.isoformat()
        country, state = claim.place.split("-")
        member: dict[str, Any] = {
            "sequence": 1,
            "provider": {"display": "Provider"},
            "qualification": _concept(TAXONOMY, claim.taxonomy),
        }
        if claim.npi:
            member["provider"] = {"identifier": {"system": NPI, "value": claim.npi}}
        resource = {
            "resourceType": "Claim",
            "id": claim.number,
            "status": "active",
            "use": "claim",
            "type": _concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            "patient": {"reference": f"Patient/{claim.number}"},
            "created": day,
            "provider": {"display": "Provider"},
            "priority": _concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Payer"}}],
            "careTeam": [member],
            "diagnosis": [
                {"sequence": number, "diagnosisCodeableConcept": _concept(ICD10CM, code)}
                for number, code in enumerate(claim.diagnoses, 1)
            ],
            "item": [
                {
                    "sequence": number,
                    "careTeamSequence": [1],
                    "diagnosisSequence": list(range(1, len(claim.diagnoses) + 1)),
                    "productOrService": _concept(PROCEDURES[0], procedure),
                    **({"modifier": [{"coding": [{"code": code}]} for code in modifiers]} if modifiers else {}),
                    "servicedDate": day,
                    "locationAddress": {"state": state, "country": country},
                    "quantity": {"value": units},
                    "net": {"value": amount, "currency": "USD"},
                }
                for number, (procedure, modifiers, units, amount) in enumerate(claim.lines, 1)
            ],
        }
        self.to.write(json.dumps(resource, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Nothing more is to be written."""


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
