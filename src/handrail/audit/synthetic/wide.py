"""Claims in the columns of public files: Medicare's by provider and service, DE-SynPUF, Synthea.

Their headers are those that docs/claims.md describes. None of them has ICD-10-CM diagnoses, so none is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from handrail.audit.synthetic.cells import EPOCH, texts
from handrail.audit.synthetic.draw import CHUNK, ROWS_EACH, Chunk, World
from handrail.audit.synthetic.tables import FIRST_CLAIM

#: Service lines of a DE-SynPUF claim.
_LINES = 13


def _constant(rows: int, word: str) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([word]))


def _states(world: World, chunk: Chunk) -> pa.DictionaryArray:
    return texts(world.people.place[chunk.provider], [place[3:] for place in world.places])


def _npi(world: World, provider: Any) -> pa.DictionaryArray:
    numbers = pa.array([str(npi) for npi in world.people.npi.tolist()])
    return pa.DictionaryArray.from_arrays(pa.array(provider), numbers)


def _of_profession(world: World, chunk: Chunk, words: list[str]) -> pa.DictionaryArray:
    return texts(world.people.profession[chunk.provider], words)


def by_service(world: World, violations: int) -> Iterator[Chunk]:
    """Rows of Medicare's file: every provider with some procedures, each once."""
    rng = np.random.default_rng([world.seed, 2])
    people, many, left = world.people, len(world.professions), world.lines
    choices = world.cells.ordinary
    cell = world.spans.first[:-1][people.place] * many + people.profession
    room = choices.count[cell]
    order = rng.permutation(np.unique(people.seats))
    each = np.minimum(rng.poisson(ROWS_EACH - 1, len(order)) + 1, room[order])
    if each.sum() < left:  # all that they bill, then
        each = room[order]
        left = min(left, int(each.sum()))
    fit = int(np.searchsorted(np.cumsum(each), left)) + 1
    ends = np.minimum(np.cumsum(each[:fit]), left)
    starts = np.concatenate([[0], ends[:-1]])
    provider = np.repeat(order[:fit], ends - starts)
    within = np.arange(left) - np.repeat(starts, ends - starts)
    shift = np.repeat((rng.random(fit) * room[order[:fit]]).astype(np.int64), ends - starts)
    own = cell[provider]
    visit = choices.flat[choices.start[own] + (within + shift) % choices.count[own]]
    chosen, kinds = world.chosen(rng, cell[order[:fit]], order[:fit], fit, violations)
    rows = starts[chosen]
    for kind in dict.fromkeys(kinds):
        these = rows[[at for at, name in enumerate(kinds) if name == kind]]
        visit[these] = world.cells.violating[kind].draw(own[these], rng)
    template = world.table.first[visit].astype(np.int32)
    services = np.maximum(11, np.rint(rng.lognormal(4.5, 1.0, left))).astype(np.int64)
    noise = np.exp(rng.standard_normal(left) * world.figures.amounts.spread)
    by_row = {int(row): kind for row, kind in zip(rows, kinds, strict=True)}
    for first in range(0, left, CHUNK):
        part = slice(first, min(first + CHUNK, left))
        planted = np.array(sorted(row - first for row in by_row if first <= row < part.stop), np.int64)
        yield Chunk(
            first,
            np.zeros(part.stop - first, np.int64),
            np.ones(part.stop - first, np.int32),
            provider[part],
            np.full(part.stop - first, (world.first - EPOCH).days),
            template[part],
            visit[part],
            np.rint(world.dollars[template[part]] * noise[part] * 100) / 100,
            services[part],
            planted,
            [by_row[int(row) + first] for row in planted],
            world.spans.first[:-1][people.place[provider[part][planted]]],
        )


def cms_puf(world: World, chunk: Chunk) -> pa.RecordBatch:
    """Rows of Medicare's public file by provider and service. Names and addresses are left empty."""
    rows, about = len(chunk), [world.figures.professions[name] for name in world.professions]
    letters = [profession.credentials for profession in about]
    kinds = [profession.provider_type or "" for profession in about]
    empty = pa.nulls(rows, pa.string())
    money = pa.array(chunk.amount)
    return pa.RecordBatch.from_pydict(
        {
            "Rndrng_NPI": _npi(world, chunk.provider),
            "Rndrng_Prvdr_Last_Org_Name": empty,
            "Rndrng_Prvdr_First_Name": empty,
            "Rndrng_Prvdr_Crdntls": _of_profession(world, chunk, letters),
            "Rndrng_Prvdr_Ent_Cd": _constant(rows, "I"),
            "Rndrng_Prvdr_State_Abrvtn": _states(world, chunk),
            "Rndrng_Prvdr_Cntry": _constant(rows, "US"),
            "Rndrng_Prvdr_Type": _of_profession(world, chunk, kinds),
            "Rndrng_Prvdr_Mdcr_Prtcptg_Ind": _constant(rows, "Y"),
            "HCPCS_Cd": texts(world.table.procedure[chunk.template], world.table.procedures),
            "HCPCS_Drug_Ind": _constant(rows, "N"),
            "Place_Of_Srvc": _constant(rows, "O"),
            "Tot_Benes": pa.array(np.maximum(11, chunk.units // 4)),
            "Tot_Srvcs": pa.array(chunk.units),
            "Tot_Bene_Day_Srvcs": pa.array(chunk.units),
            "Avg_Sbmtd_Chrg": pa.array(np.rint(chunk.amount * 180) / 100),
            "Avg_Mdcr_Alowd_Amt": money,
            "Avg_Mdcr_Pymt_Amt": pa.array(np.rint(chunk.amount * 78) / 100),
        }
    )


def desynpuf(world: World, chunk: Chunk) -> pa.RecordBatch:
    """DE-SynPUF carrier claims: a row for a claim, with room for 13 lines. Diagnoses (ICD-9-CM) are empty."""
    starts = np.flatnonzero(np.concatenate([[True], chunk.claim[1:] != chunk.claim[:-1]]))
    counts = np.diff(np.concatenate([starts, [len(chunk)]]))
    day = pa.array(chunk.day[starts].astype(np.int32)).cast(pa.date32())
    days = pa.array(day.cast(pa.timestamp("s"))).cast(pa.string())
    compact = pc.replace_substring(pc.utf8_slice_codeunits(days, 0, 10), "-", "")
    number = pa.array(FIRST_CLAIM + chunk.claim[starts]).cast(pa.string())
    made: dict[str, Any] = {
        "DESYNPUF_ID": number,
        "CLM_ID": number,
        "CLM_FROM_DT": compact,
        "CLM_THRU_DT": compact,
        **{f"ICD9_DGNS_CD_{n}": pa.nulls(len(starts), pa.string()) for n in range(1, 9)},
    }
    npi, procedure, amount = {}, {}, {}
    for n in range(_LINES):
        there = counts > n
        row = np.where(there, starts + n, starts)
        npi[f"PRF_PHYSN_NPI_{n + 1}"] = _where(_npi(world, chunk.provider[row]), there)
        codes = texts(world.table.procedure[chunk.template[row]], world.table.procedures)
        procedure[f"HCPCS_CD_{n + 1}"] = _where(codes, there)
        amount[f"LINE_NCH_PMT_AMT_{n + 1}"] = pa.array(chunk.amount[row], mask=~there)
    diagnoses = {f"LINE_ICD9_DGNS_CD_{n}": pa.nulls(len(starts), pa.string()) for n in range(1, _LINES + 1)}
    return pa.RecordBatch.from_pydict({**made, **npi, **procedure, **amount, **diagnoses})


def _where(column: pa.DictionaryArray, there: Any) -> pa.DictionaryArray:
    indices = pa.array(np.asarray(column.indices), mask=~there)
    return pa.DictionaryArray.from_arrays(indices, column.dictionary, safe=False)


def nppes(world: World) -> pa.RecordBatch:
    """The register of the providers, with the columns of NPPES's file that are read."""
    people, many = world.people, len(world.people)
    letters = [world.figures.professions[name].credentials for name in world.professions]
    return pa.RecordBatch.from_pydict(
        {
            "NPI": _npi(world, np.arange(many, dtype=np.int32)),
            "Entity Type Code": _constant(many, "1"),
            "Provider Credential Text": texts(people.profession, letters),
            "NPI Deactivation Date": pa.nulls(many, pa.string()),
            "NPI Reactivation Date": pa.nulls(many, pa.string()),
            "Healthcare Provider Taxonomy Code_1": texts(people.taxonomy, people.taxonomies),
            "Provider License Number State Code_1": texts(people.place, [place[3:] for place in world.places]),
            "Healthcare Provider Primary Taxonomy Switch_1": _constant(many, "Y"),
        }
    )


def synthea(world: World, chunk: Chunk) -> pa.RecordBatch:
    """Synthea's claims_transactions.csv, with CPT codes where Synthea writes SNOMED CT."""
    rows = len(chunk)
    claim = pa.array(FIRST_CLAIM + chunk.claim).cast(pa.string())
    day = pa.array(chunk.day.astype(np.int32)).cast(pa.date32()).cast(pa.timestamp("s")).cast(pa.string())
    stamp = pc.replace_substring(day, " ", "T")
    provider = pa.array(chunk.provider.astype(np.int64) + 1).cast(pa.string())
    return pa.RecordBatch.from_pydict(
        {
            "ID": pa.array(np.arange(chunk.first_row + 1, chunk.first_row + rows + 1)).cast(pa.string()),
            "CLAIMID": claim,
            "CHARGEID": pa.array(chunk.line),
            "PATIENTID": claim,
            "TYPE": _constant(rows, "CHARGE"),
            "AMOUNT": pa.array(chunk.amount),
            "FROMDATE": stamp,
            "TODATE": stamp,
            "PLACEOFSERVICE": _states(world, chunk),
            "PROCEDURECODE": texts(world.table.procedure[chunk.template], world.table.procedures),
            "MODIFIER1": pa.nulls(rows, pa.string()),
            "MODIFIER2": pa.nulls(rows, pa.string()),
            "DIAGNOSISREF1": pa.nulls(rows, pa.string()),
            "UNITS": pa.array(chunk.units),
            "PROVIDERID": provider,
        }
    )


def synthea_beside(world: World) -> dict[str, pa.RecordBatch]:
    """Synthea's providers.csv and organizations.csv: an organization for each place."""
    kinds = [world.figures.professions[name].provider_type or "" for name in world.professions]
    states = [place[3:] for place in world.places]
    return {
        "providers.csv": pa.RecordBatch.from_pydict(
            {
                "Id": pa.array(np.arange(1, len(world.people) + 1)).cast(pa.string()),
                "ORGANIZATION": texts(world.people.place, states),
                "SPECIALITY": texts(world.people.profession, kinds),
            }
        ),
        "organizations.csv": pa.RecordBatch.from_pydict({"Id": pa.array(states), "STATE": pa.array(states)}),
    }
