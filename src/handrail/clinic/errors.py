"""What can go wrong with the store itself. Bad input is an InputError, as everywhere."""

from __future__ import annotations


class StoreError(RuntimeError):
    """The clinic's store cannot answer now. The service says it with 503; the command line with one line."""

    #: For programs.
    kind = "store"


class StoreFull(StoreError):  # noqa: N818
    """The disk, or the room the database may take, is full. Nothing of what was asked has been written."""

    kind = "store-full"


class StoreBusy(StoreError):  # noqa: N818
    """Another writer held the store longer than we wait. Nothing has been written; try again."""

    kind = "store-busy"


class StoreDown(StoreError):  # noqa: N818
    """The database cannot be reached, or has refused."""

    kind = "store-down"


class Refused(Exception):  # noqa: N818
    """A sign-in or a key that is not accepted. It never says which part was wrong."""


class TooMany(Refused):
    """Too many failed attempts.

    Args:
        retry_after: seconds until another one is looked at.
    """

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many failed attempts. Try again in {-(-retry_after // 60)} minutes.")
