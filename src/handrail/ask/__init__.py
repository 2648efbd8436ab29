"""Questions in plain words: understands them, asks back where two readings are possible, and answers as a card.

``understand.py`` reads the question, ``answer.py`` decides it, ``card.py`` words the answer.
"""

from handrail.ask.answer import Answer, Overview, Who, answer, ask, overview_lines, who_in, who_question
from handrail.ask.card import Card, Line, card, place_name
from handrail.ask.question import Choice, Heard, Question
from handrail.ask.understand import understand

__all__ = [
    "Answer",
    "Card",
    "Choice",
    "Heard",
    "Line",
    "Overview",
    "Question",
    "Who",
    "answer",
    "ask",
    "card",
    "overview_lines",
    "place_name",
    "understand",
    "who_in",
    "who_question",
]
