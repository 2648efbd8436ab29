"""The decision: a case goes through the licence, scope, safety and process gates, and the worst of them answers.

Each gate is a module of its name; ``decide.py`` puts them together.
"""

from handrail.decide.case import STATUSES, Case, Client, Credential, Finding, Period, parse_day
from handrail.decide.decide import SEMANTICS, decide
from handrail.decide.decision import SHAPE, Decision, Instead, RegionVerdict, Verify, WhoMay
from handrail.decide.judgement import Before, Limit, Need, Reason
from handrail.decide.knowledge import digest
from handrail.decide.others import standings
from handrail.decide.process import NOT_DONE, NOT_SCREENED

__all__ = [
    "NOT_DONE",
    "NOT_SCREENED",
    "SEMANTICS",
    "SHAPE",
    "STATUSES",
    "Before",
    "Case",
    "Client",
    "Credential",
    "Decision",
    "Finding",
    "Instead",
    "Limit",
    "Need",
    "Period",
    "Reason",
    "RegionVerdict",
    "Verify",
    "WhoMay",
    "decide",
    "digest",
    "parse_day",
    "standings",
]
