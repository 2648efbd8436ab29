"""The first shape: roster, decision log, accounts, keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: A key that SQLite counts up by itself and PostgreSQL does not run out of.
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables, the head of an empty log, and the triggers that keep the log as it is."""
    op.create_table(
        "setting",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    _roster()
    _log()
    _accounts()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _roster() -> None:
    op.create_table(
        "practitioner",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("npi", sa.String(10)),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "credential",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column(
            "practitioner_id",
            sa.String(64),
            sa.ForeignKey("practitioner.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("profession", sa.String(64), nullable=False),
        sa.Column("jurisdiction", sa.String(8), nullable=False),
        sa.Column("register_class", sa.String(64)),
        sa.Column("number", sa.String(64)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date(), index=True),
        sa.Column("compact", sa.String(100)),
        sa.Column("endorsements", sa.JSON(), nullable=False),
        sa.Column("training", sa.JSON(), nullable=False),
        sa.UniqueConstraint("practitioner_id", "profession", "jurisdiction"),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("technique", sa.String(32), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
    )


def _log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(27), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("user_name", sa.String(128), nullable=False),
        sa.Column("client", sa.String(64), index=True),
        sa.Column("practitioner", sa.String(64), index=True),
        sa.Column("verdict", sa.String(16)),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column(
            "user_id",
            COUNTED,
            sa.ForeignKey("account.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("seen", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float(), nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("prefix", sa.String(16), primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("made_by", sa.String(128), nullable=False),
        sa.Column("made", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float()),
        sa.Column("revoked", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("bucket", sa.String(64), nullable=False, index=True),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_table(
        "answered",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False, index=True),
    )


def _guard_sqlite() -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER log_entry_no_{action.lower()} BEFORE {action} ON log_entry "
            "BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER log_head_stays BEFORE DELETE ON log_head "
        "BEGIN SELECT RAISE(ABORT, 'the decision log is append-only'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the decision log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER log_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER log_head_stays BEFORE DELETE OR TRUNCATE ON log_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()"
    )
