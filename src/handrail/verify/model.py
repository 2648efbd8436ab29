"""A case with nothing known about it, as the solver sees it, and the rank that the tables give it.

A rank is a list of candidates, each a formula and the rank that follows if it is true; the worst decides. A fact
is a truth value, a number of hours or a day, all free: what is proved holds whatever they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import Any, NamedTuple

from handrail.export.model import Clause
from handrail.terms import FULL_REGISTER_CLASSES, InputError
from handrail.verify.world import FIRST, LAST, Present, Region, Structure

#: z3 has no types.
Formula = Any
#: Kinds of facts that belong to what is shown, and to the client.
SHOWN = frozenset({"confirmed", "held", "hours"})
FOUND = frozenset({"finding", "unscreened"})


@cache
def z3() -> Any:
    """The solver; raises InputError if it is not installed."""
    try:
        import z3 as module
    except ImportError:
        raise InputError("z3-solver is not installed", hint="Run: pip install 'handrail[verify]'") from None
    return module


def every(formulas: Iterable[Formula]) -> Formula:
    """All of the formulas. z3's own ``And`` checks the types of all it is given, most of the time of a proof."""
    return _joined(z3().Z3_mk_and, formulas)


def some(formulas: Iterable[Formula]) -> Formula:
    """One or more of the formulas."""
    return _joined(z3().Z3_mk_or, formulas)


def _joined(join: Callable[..., Any], formulas: Iterable[Formula]) -> Formula:
    m = z3()
    parts = list(formulas)
    context = m.main_ctx()
    array = (m.Ast * len(parts))(*(part.as_ast() for part in parts))
    return m.BoolRef(join(context.ref(), len(parts), array), context)


def the_day() -> Formula:
    """The day asked, as a number: 1 is the first of January of the year 1."""
    return z3().Int("day")


class Candidate(NamedTuple):
    """A rank, where a formula is true."""

    when: Formula
    rank: int


class Facts:
    """Free truth values and hours, by name; those of a kind that ``grown`` names are a second, larger set."""

    def __init__(self, grown: frozenset[str] = frozenset()) -> None:
        self.grown = grown
        self.facts: dict[str, Formula] = {}
        self.hours: dict[str, Formula] = {}

    def fact(self, kind: str, name: str) -> Formula:
        """A truth value."""
        full = f"{kind}:{name}"
        if full not in self.facts:
            self.facts[full] = z3().Bool(full + ("'" if kind in self.grown else ""))
        return self.facts[full]

    def grows(self, name: str) -> bool:
        """Whether a larger case may have a fact that the plain one has not."""
        kind = name.partition(":")[0]
        return kind in self.grown and kind != "kind"

    def trained(self, subject: str) -> Formula:
        """Hours of training in a subject."""
        name = f"hours:{subject}" + ("'" if "hours" in self.grown else "")
        return self.hours.setdefault(subject, z3().Real(name))

    def met(self, clauses: tuple[Clause, ...]) -> Formula:
        """Whether every atom of some clause holds."""
        return some(every(self.atom(atom) for atom in clause) for clause in clauses)

    def atom(self, atom: str) -> Formula:
        """Whether an atom holds."""
        kind, _, rest = atom.partition(":")
        if kind == "hours":
            subject, _, least = rest.rpartition(":")
            return self.trained(subject) >= int(least)
        if kind == "class_not":
            return z3().Not(some(self.fact("class", name) for name in rest.split("|")))
        if kind not in ("held", "confirmed"):  # what the model does not know could not be proved
            raise ValueError(f"the tables hold an atom of an unknown kind: {atom}")
        return self.fact(kind, rest)

    @property
    def visit(self) -> Formula:
        """A client is there, and what was done is known."""
        return self.fact("kind", "visit")

    @cached_property
    def client(self) -> Formula:
        """A client is there."""
        return some([self.visit, self.fact("kind", "record")])

    def counts(self, region: str) -> Formula:
        """Whether a region counts: it is asked, or none is and the law speaks of it."""
        return self.fact("counts", region)


class FoundFacts(Facts):
    """What is found about a client, on a technique: the same for every law."""

    def __init__(self, present: tuple[Present, ...], ids: tuple[str, ...], grown: frozenset[str]) -> None:
        super().__init__(grown)
        self.present = present
        self.candidates = [*self._findings(), *self._unscreened(ids)]
        self._worse: dict[int, Formula] = {}
        self._just: dict[int, Formula] = {}

    def at_least(self, rank: int) -> Formula:
        """Whether some finding is that bad, or worse."""
        if rank not in self._worse:
            self._worse[rank] = some(when for when, r in self.candidates if r >= rank)
        return self._worse[rank]

    def just(self, rank: int) -> Formula:
        """Whether some finding is just that bad."""
        if rank not in self._just:
            self._just[rank] = some(when for when, r in self.candidates if r == rank)
        return self._just[rank]

    @cached_property
    def possible(self) -> Formula:
        """What is found was found in somebody."""
        m = z3()
        found = some(fact for name, fact in self.facts.items() if name.startswith("finding:"))
        unscreened = some(fact for name, fact in self.facts.items() if name.startswith("unscreened:"))
        return every([m.Implies(found, self.client), m.Implies(unscreened, self.visit)])

    @cached_property
    def grown_from_plain(self) -> Formula:
        """These facts are at least those of a plain case."""
        pairs = ((z3().Bool(name), fact) for name, fact in self.facts.items() if self.grows(name))
        return every(z3().Implies(plain, fact) for plain, fact in pairs)

    def there(self, present: Present) -> Formula:
        """Whether one of some findings that mean the same is there."""
        return self.fact("finding", present.name.partition(":")[2])

    def _findings(self) -> Iterator[Candidate]:
        m = z3()
        for present in self.present:
            there = self.there(present)
            for region, rank, need in present.parts:
                settled = [m.Not(self.atom(need))] if need else []
                yield Candidate(every([there, self.client, self.counts(region), *settled]), rank)

    def _unscreened(self, ids: tuple[str, ...]) -> Iterator[Candidate]:
        m = z3()
        for id_ in ids:
            asked = self.fact("confirmed", f"ask:{id_}")
            yield Candidate(every([self.visit, self.fact("unscreened", id_), m.Not(asked)]), 1)


class SymbolicCase(Facts):
    """A free case under one structure.

    Args:
        structure: the law of a group.
        found: what may be found; None if a proof looks at the law alone.
        licence: rank by fact of the table ``licence``.
    """

    def __init__(self, structure: Structure, found: FoundFacts | None, licence: dict[str, int]) -> None:
        super().__init__(found.grown if found else frozenset())
        self.structure, self.found, self.licence = structure, found, licence
        if found:
            self.facts.update(found.facts)
        self.scope = [c for region in structure.regions for c in self._scope(region)]

    @cached_property
    def own(self) -> list[Candidate]:
        """The gates that depend on the law."""
        return [*self.scope, *self._process(), *self._licence()]

    def asked(self, region: str) -> Formula:
        """Whether a region is asked."""
        return self.fact("asked", region)

    def in_play(self, region: str) -> Formula:
        """Whether a region is asked, or none is."""
        return some([self.asked(region), self.none_asked])

    @cached_property
    def none_asked(self) -> Formula:
        """No region is asked."""
        return z3().Not(some(self.asked(region.region) for region in self.structure.regions))

    @property
    def days(self) -> tuple[Formula, Formula, Formula]:
        """The day asked, and the first and last day of the credential."""
        return the_day(), z3().Int("valid_from"), z3().Int("valid_to")

    def possible(self) -> list[Formula]:
        """What is so of every case."""
        m = z3()
        day, first, last = self.days
        classes = [fact for name, fact in self.facts.items() if name.startswith("class:")]
        counts = [
            self.counts(r.region) == (self.in_play(r.region) if r.decides else self.asked(r.region))
            for r in self.structure.regions
        ]
        return [
            *counts,
            m.Not(m.And(self.visit, self.fact("kind", "record"))),
            *([self.found.possible] if self.found else []),
            m.PbLe([(held, 1) for held in classes], 1) if classes else m.BoolVal(True),
            *(m.Implies(held, self.fact("credential", "class")) for held in classes),
            *(hours >= 0 for hours in self.hours.values()),
            *(limit for each in (day, first, last) for limit in (each >= FIRST, each <= LAST)),
            m.Implies(m.And(self.fact("credential", "from"), self.fact("credential", "to")), first <= last),
            m.Not(m.And(self.fact("credential", "not_active"), self.fact("credential", "status_unknown"))),
        ]

    def grows_from(self, plain: SymbolicCase) -> list[Formula]:
        """This case has all that the plain one has of the kinds that it grows by."""
        m = z3()
        more = [
            m.Implies(fact, self.facts[name])
            for name, fact in plain.facts.items()
            if self.grows(name) and not (self.found and name in self.found.facts)
        ]
        if self.found:
            more.append(self.found.grown_from_plain)
        if "kind" in self.grown:  # a question about nobody may become one about a client
            kinds = ("visit", "record")
            more += [m.Implies(plain.client, plain.fact("kind", k) == self.fact("kind", k)) for k in kinds]
        if "hours" in self.grown:
            more += [hours <= self.hours[subject] for subject, hours in plain.hours.items()]
        return more

    # Ranks

    @property
    def candidates(self) -> list[Candidate]:
        """All gates."""
        return [*self.own, *(self.found.candidates if self.found else ())]

    def at_least(self, rank: int, candidates: Iterable[Candidate] | None = None) -> Formula:
        """Whether the answer (or what some candidates come to) is that bad, or worse."""
        if candidates is not None:
            return some(when for when, r in candidates if r >= rank)
        found = [self.found.at_least(rank)] if self.found else []
        return some([*found, *(when for when, r in self.own if r >= rank)])

    def just(self, rank: int) -> Formula:
        """Whether some gate is just that bad."""
        found = [self.found.just(rank)] if self.found else []
        return some([*found, *(when for when, r in self.own if r == rank)])

    def scope_of(self, region: Region) -> list[Candidate]:
        """The ranks that the law gives a region, whether it is asked or not."""
        m = z3()
        found = [] if region.fixed_rank is None else [Candidate(m.BoolVal(True), region.fixed_rank)]
        for clauses in region.openings:
            met = self.met(clauses)
            found += [Candidate(met, 0), Candidate(m.Not(met), 1)]
        return found

    def _scope(self, region: Region) -> list[Candidate]:
        counts = self.counts(region.region)
        return [Candidate(every([counts, when]), rank) for when, rank in self.scope_of(region)]

    def _process(self) -> list[Candidate]:
        m = z3()
        # Every region in play has a grant: none that has not is in play.
        granted = every(m.Not(self.in_play(r.region)) for r in self.structure.regions if not r.granted)
        found = []
        for want in self.structure.wanted:
            open_ = [self.visit, m.Not(self.fact("confirmed", want.step))]
            if want.of_person:
                open_.append(m.Not(granted))
                if want.hours is not None:
                    open_.append(self.trained(want.step) < want.hours)
            found.append(Candidate(every(open_), 1))
        return found

    def _licence(self) -> list[Candidate]:
        if self.structure.unlicensed:
            return []
        return [Candidate(when, self.licence[fact]) for fact, when in self.licence_facts().items()]

    def licence_facts(self) -> dict[str, Formula]:
        """When each fact of the table ``licence`` is so, in terms of the credential as given."""
        m = z3()
        day, first, last = self.days
        elsewhere, compact = self.fact("credential", "elsewhere"), self.fact("credential", "compact")
        return {
            "not_active": self.fact("credential", "not_active"),
            "status_unknown": self.fact("credential", "status_unknown"),
            "not_yet": m.And(self.fact("credential", "from"), day < first),
            "ended": m.And(self.fact("credential", "to"), day > last),
            "elsewhere": m.And(elsewhere, m.Not(compact)),
            "compact": m.And(elsewhere, compact),
            "class_unread": self._class_unread(),
        }

    def _class_unread(self) -> Formula:
        m = z3()
        spoken: dict[str, list[Formula]] = {name: [m.BoolVal(True)] for name in FULL_REGISTER_CLASSES}
        for region in self.structure.regions:
            for name in region.classes:
                spoken.setdefault(name, []).append(self.in_play(region.region))
        known = (every([self.fact("class", name), some(where)]) for name, where in spoken.items())
        return every([self.fact("credential", "class"), m.Not(some(known))])
