"""Claims in columns: who did what to whom, judged line by line.

Needs the extra ``audit``.
"""

from handrail.terms import InputError

try:
    import numpy  # noqa: F401
    import pyarrow  # noqa: F401
except ImportError:
    raise InputError("an audit needs numpy and pyarrow", hint="Run: pip install 'handrail[audit]'") from None

from handrail.audit.layouts import Layout, layouts
from handrail.audit.plan import Plan
from handrail.audit.read import Batch, ClaimFile, Claims, Trouble, open_claims
from handrail.audit.reasons import NOTES, UNJUDGED

__all__ = [
    "NOTES",
    "UNJUDGED",
    "Batch",
    "ClaimFile",
    "Claims",
    "Layout",
    "Plan",
    "Trouble",
    "layouts",
    "open_claims",
]
