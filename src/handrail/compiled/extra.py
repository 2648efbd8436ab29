"""The libraries of the extra ``audit``, imported when first needed."""

from __future__ import annotations

from importlib import import_module

from handrail.terms import InputError


def require() -> None:
    """Makes sure that numpy, pyarrow and numba are there.

    Raises:
        InputError: naming the extra, if one of them is not installed.
    """
    for name in ("numpy", "pyarrow", "numba"):
        try:
            import_module(name)
        except ImportError:
            raise InputError(
                f"judging claims in columns needs {name}, which is not installed",
                hint="Run: pip install 'handrail[audit]'",
            ) from None
