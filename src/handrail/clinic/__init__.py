"""The clinic: its roster, its decision log, its accounts and keys, in SQLite or PostgreSQL.

Needs the extra ``clinic``; PostgreSQL the extra ``postgres``.
"""

from handrail.terms import InputError

try:
    import alembic as _alembic  # noqa: F401
    import argon2 as _argon2  # noqa: F401
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ImportError as error:
    raise InputError(
        f"the clinic's store needs {error.name}", hint="Install the extra: pip install 'handrail[clinic]'"
    ) from None

from handrail.clinic.accounts import ROLES, Accounts, SignedIn, User
from handrail.clinic.backup import backup, restore
from handrail.clinic.booking import Check, check
from handrail.clinic.chain import Anchor, Verified
from handrail.clinic.errors import Refused, StoreBusy, StoreDown, StoreError, StoreFull, TooMany
from handrail.clinic.keys import Key, Keys
from handrail.clinic.log import KINDS, Entry, Filter, Log, read_anchor, reference
from handrail.clinic.log_files import export_log
from handrail.clinic.once import Once
from handrail.clinic.roster import Expiry, Grid, Held, Practitioner, Roster, Service
from handrail.clinic.roster_csv import COLUMNS, Import, Row, export_csv, import_csv
from handrail.clinic.store import Store

__all__ = [
    "COLUMNS",
    "KINDS",
    "ROLES",
    "Accounts",
    "Anchor",
    "Check",
    "Entry",
    "Expiry",
    "Filter",
    "Grid",
    "Held",
    "Import",
    "Key",
    "Keys",
    "Log",
    "Once",
    "Practitioner",
    "Refused",
    "Roster",
    "Row",
    "Service",
    "SignedIn",
    "Store",
    "StoreBusy",
    "StoreDown",
    "StoreError",
    "StoreFull",
    "TooMany",
    "User",
    "Verified",
    "backup",
    "check",
    "export_csv",
    "export_log",
    "import_csv",
    "read_anchor",
    "reference",
    "restore",
]
