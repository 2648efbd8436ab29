"""Properties of cases: what must be so whatever is found, shown, or wrong with a licence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from handrail.export.model import RANKS
from handrail.verify.model import FOUND, SHOWN, FoundFacts, SymbolicCase, z3
from handrail.verify.question import Asked, Property, Question
from handrail.verify.shown import Counterexample, command, named, true_in
from handrail.verify.world import Group, World


def case_of(world: World, group: Group, grown: frozenset[str] = frozenset()) -> SymbolicCase:
    """A free case under the law of a group, with all that may be found and shown."""
    key = group.technique, grown
    if key not in world.found:
        world.found[key] = FoundFacts(world.present.get(group.technique, ()), world.finding_ids, grown)
    return SymbolicCase(group.structure, world.found[key], world.licence)


def law_of(world: World, group: Group) -> SymbolicCase:
    """The same without what may be found: the worst gate decides, so what holds of the law holds of the whole."""
    return SymbolicCase(group.structure, None, world.licence)


def rank_in(model: Any, case: SymbolicCase) -> int | None:
    """The rank that a case has in a model; None if it has none."""
    true = [candidate.rank for candidate in case.candidates if true_in(model, candidate.when)]
    return max(true, default=None)


def stands(rank: int | None) -> str:
    """A rank in words."""
    if rank is None or not 0 <= rank < len(RANKS):
        return "no verdict" if rank is None else f"rank {rank}, which is none"
    verdict, leaning = RANKS[rank]
    return f"{verdict}, leaning {leaning}" if leaning else str(verdict)


def by_structure(world: World, ask: Callable[[World, Group], Asked]) -> Iterator[Question]:
    """A question about each group; groups of one structure share it, because nothing else is in its formulas."""
    for group in world.groups:
        yield Question(group.structure, len(group.cells), partial(ask, world, group))


def shown_on(world: World, group: Group) -> int:
    """A day in a group's period on which to show a counterexample."""
    return max(group.first, min(group.last, world.preferred_day[group.jurisdiction]))


def _compared(world: World, group: Group, grown: frozenset[str], worse: bool) -> Asked:
    """Two cases, the second with more: is it better (or worse, as asked) than the first?"""
    m = z3()
    plain, more = case_of(world, group), case_of(world, group, grown)
    first, second = (more, plain) if worse else (plain, more)
    differs = m.Or([m.And(first.at_least(rank), m.Not(second.at_least(rank))) for rank in range(1, len(RANKS))])
    formulas = [*plain.possible(), *more.possible(), *more.grows_from(plain), differs]

    def show(model: Any) -> Counterexample:
        before, after = rank_in(model, plain), rank_in(model, more)
        text = f"{named(group[:3])}: {stands(before)} before, {stands(after)} with more."
        return Counterexample(text, (command(model, plain, group), command(model, more, group)))

    return Asked(formulas, (plain, more), show, shown_on(world, group))


def _findings_never_improve(world: World, group: Group) -> Asked:
    return _compared(world, group, FOUND | {"kind"}, worse=False)


def _shown_never_worsens(world: World, group: Group) -> Asked:
    return _compared(world, group, SHOWN, worse=True)


def _never(world: World, group: Group, case: SymbolicCase, wrong: Any, text: Callable[[Any], str]) -> Asked:
    def show(model: Any) -> Counterexample:
        said = f"{named(group[:3])}: {text(model)}, and the answer is {stands(rank_in(model, case))}."
        return Counterexample(said, (command(model, case, group),))

    return Asked([*case.possible(), wrong], (case,), show, shown_on(world, group))


def _urgent_dominates(world: World, group: Group) -> Asked:
    m = z3()
    case = case_of(world, group)
    found = world.found[group.technique, frozenset()]
    present = [item for item in found.present if item.emergency]
    there = m.Or([found.there(item) for item in present])

    def text(model: Any) -> str:
        names = {item.emergency for item in present if true_in(model, found.there(item))}
        return f"{', '.join(sorted(filter(None, names)))} was found, an emergency"

    wrong = m.And(case.client, there, m.Not(case.at_least(6)))
    return _never(world, group, case, wrong, text)


def _licence_must_be_valid(world: World, group: Group) -> Asked:
    m = z3()
    case = case_of(world, group)
    facts = case.licence_facts()
    stopped = [facts[fact] for fact in ("not_active", "not_yet", "ended", "elsewhere")]
    doubtful = [facts[fact] for fact in ("status_unknown", "compact", "class_unread")]
    wrong = m.Or(
        m.And(m.Or(stopped), m.Not(case.at_least(5))),
        m.And(m.Or(doubtful), m.Not(case.at_least(2))),
    )

    def text(model: Any) -> str:
        true = [fact for fact, formula in facts.items() if true_in(model, formula)]
        return f"the credential is {', '.join(true)}"

    return _never(world, group, case, wrong, text)


def _licensed(world: World) -> Iterator[Question]:
    for group in world.groups:
        if not group.structure.unlicensed:
            yield Question(group.structure, len(group.cells), partial(_licence_must_be_valid, world, group))


def _exactly_one_verdict(world: World, group: Group) -> Asked:
    m = z3()
    case = case_of(world, group)
    # No other gate gives a yes: a region that counts needs a rank of the law's own, and some region must count.
    silent = [
        m.And(case.counts(region.region), m.Not(m.Or([when for when, _ in case.scope_of(region)])))
        for region in group.structure.regions
    ]
    nothing = m.Not(m.Or([case.counts(region.region) for region in group.structure.regions]))
    verdicts = [m.And(case.just(rank), m.Not(case.at_least(rank + 1))) for rank in range(len(RANKS))]
    one = m.PbEq([(verdict, 1) for verdict in verdicts], 1)
    wrong = m.Or(*silent, nothing, m.Not(one))
    return _never(world, group, case, wrong, lambda _: "the tables hold no verdict")


CASES = (
    Property(
        "findings_never_improve",
        "One more finding, or one more thing that could not be screened, never makes an answer better; nor is "
        "an answer about a client ever better than the general one.",
        "case ⊆ case' (findings, unscreened; a client where there was none) ⇒ rank(case) ≤ rank(case')",
        partial(by_structure, ask=_findings_never_improve),
    ),
    Property(
        "shown_never_worsens",
        "One more step done, endorsement held, hour of training or thing confirmed never makes an answer worse.",
        "case ⊆ case' (steps, endorsements, hours, confirmations) ⇒ rank(case) ≥ rank(case')",
        partial(by_structure, ask=_shown_never_worsens),
    ),
    Property(
        "urgent_dominates",
        "A red flag that the clinical file grades an emergency, once found, makes the answer urgent, whatever "
        "else is so.",
        "client ∧ emergency ∈ findings ⇒ rank(case) = 6",
        partial(by_structure, ask=_urgent_dominates),
    ),
    Property(
        "licence_must_be_valid",
        "A licence that is not active, outside its dates or of elsewhere never counts (at best prohibited); one "
        "whose status, compact or class nobody could read never gives a yes.",
        "status ∉ {active, unknown} ∨ day < from ∨ day > to ∨ (elsewhere ∧ no compact) ⇒ rank(case) ≥ 5; "
        "status unknown ∨ (elsewhere ∧ compact) ∨ class not read ⇒ rank(case) ≥ 2",
        _licensed,
    ),
    Property(
        "exactly_one_verdict",
        "Every case gets exactly one verdict.",
        "∃! v: v is the worst of the candidates of case; every region that counts has one of the law's own",
        partial(by_structure, ask=_exactly_one_verdict),
    ),
)
