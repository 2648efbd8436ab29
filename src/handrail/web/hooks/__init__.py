"""CDS Hooks 2.0: cards for what an EHR orders, books or begins.

``services.py`` says what is offered, ``request.py`` reads a call, ``work.py``, ``people.py`` and ``record.py``
find what would be done, by whom and to whom, ``answer.py`` decides it and ``cards.py`` words it.
"""

from handrail.web.hooks.routes import add_hooks

__all__ = ["add_hooks"]
