"""Papers for a visit, as HTML and PDF: consent sheet, referral letter, visit record, aftercare sheet.

Each is made from a decision alone and says nothing that the decision and the knowledge do not hold.
Nothing is stored.
"""

from handrail.paper.aftercare import aftercare
from handrail.paper.consent import consent
from handrail.paper.names import Entry, Names
from handrail.paper.record import record
from handrail.paper.referral import referral
from handrail.paper.render import SIZES, Paper
from handrail.paper.words import LANGUAGES

__all__ = [
    "LANGUAGES",
    "SIZES",
    "Entry",
    "Names",
    "Paper",
    "aftercare",
    "consent",
    "record",
    "referral",
]
