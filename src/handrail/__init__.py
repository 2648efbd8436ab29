"""Handrail: may these hands do this technique to this body, here, today?

>>> from handrail import Case, Credential, decide
>>> decision = decide(
...     Case(
...         jurisdiction="US-FL",
...         technique="thrust_spine",
...         credentials=[Credential(profession="massage_therapist")],
...         region=None,
...         on=None,
...         client=None,
...     )
... )
>>> decision.verdict.value
'prohibited'
"""

# Imported here, not when first used: `ask` and `decide` are rooms too, and the functions must win the names.
from handrail.ask import ask
from handrail.decide import Case, Client, Credential, Decision, Finding, decide
from handrail.terms import InputError, Leaning, Verdict

__version__ = "0.1.0"

__all__ = [
    "Case",
    "Client",
    "Credential",
    "Decision",
    "Finding",
    "InputError",
    "Leaning",
    "Verdict",
    "__version__",
    "ask",
    "decide",
]
