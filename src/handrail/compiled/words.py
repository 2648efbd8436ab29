"""The words that the kernel answers with, and their numbers in its tables."""

from __future__ import annotations

from handrail.terms import Leaning, Verdict, standing

#: The verdicts of a line: those of a decision, and that nothing could be judged.
NOT_JUDGED = "not_judged"
VERDICTS: tuple[str, ...] = (*(verdict.value for verdict in Verdict), NOT_JUDGED)
LEANINGS: tuple[str, ...] = tuple(leaning.value for leaning in Leaning)

#: Why a line is answered as it is: code and sentence.
REASONS: dict[str, str] = {
    "granted": "A grant was found, read and cited, and nothing on the line speaks against it.",
    "unregulated": "Massage is read to be unregulated there, and the text that was read does not forbid it.",
    "conditions": "The law permits it on conditions that a claim does not show to be met.",
    "not_read": "A rule is reported, its own text was not read: the answer leans as it is reported, if at all.",
    "silent": "The law was looked at, and does not say.",
    "not_settled": "The research did not find or settle what the law says.",
    "no_rule": "No rule was found.",
    "lapsed": "The rule ended before that day, and no successor was found.",
    "reserved_act_open": "It is a reserved act, and whether it reaches this profession is open.",
    "reserved_act": "It is a reserved act, and not this profession's.",
    "forbidden": "The law forbids it.",
    "finding_asks": "A diagnosis on the line wants a clinician's decision, a clearance or a question first.",
    "finding_forbids": "A diagnosis on the line forbids it.",
    "finding_urgent": "A diagnosis on the line needs medical care first.",
    "changes_within_period": "The answer changes between the first and the last day of service.",
    "technique_ambiguous": "The procedure stands for several techniques, and they are answered differently.",
    "no_place": "The place is not known.",
    "unknown_place": "The place is no jurisdiction that Handrail knows.",
    "no_profession": "The provider's profession is not known.",
    "unknown_profession": "The provider's profession is none that Handrail knows.",
    "no_technique": "The procedure is no manual technique, or is not mapped to one.",
    "unknown_technique": "The technique is none that Handrail knows.",
    "unknown_region": "A region is none that Handrail knows.",
    "region_of_another_technique": "The technique has no such region.",
    "no_day": "The day of service is not known.",
    "bad_day": "The last day of service lies before the first, or a day is none of the calendar.",
}
REASON: dict[str, int] = {name: number for number, name in enumerate(REASONS)}

#: Standings, best first, as ``terms.standing`` numbers them.
STANDINGS: tuple[tuple[Verdict, Leaning | None], ...] = tuple(
    sorted(
        (
            (verdict, leaning)
            for verdict in Verdict
            for leaning in ((*Leaning,) if verdict is Verdict.UNDETERMINED else (None,))
        ),
        key=lambda pair: standing(*pair),
    )
)
#: The number that stands where the others have a standing, for a line that is not judged.
UNJUDGED = len(STANDINGS)


def said(number: int) -> str:
    """A standing in words.

    >>> said(0), said(4)
    ('permitted', 'undetermined, leaning no')
    """
    verdict, leaning = STANDINGS[number]
    return verdict.value if leaning is None else f"{verdict.value}, leaning {leaning.value}"
