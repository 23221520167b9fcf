"""A NIK, or why there is none, may be said anew."""

from shared.ddl import grant, run_script

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "registry"


def upgrade() -> None:
    """Let the API replace a NIK and what it is found by."""
    grant(SCHEMA, "beneficiaries", api="update (nik_sealed, nik_absent_reason)", worker=None)
    grant(SCHEMA, "nik_index", api="delete", worker=None)
    grant(SCHEMA, "marks", api="update (has_nik)", worker=None)


def downgrade() -> None:
    """Let it only add."""
    run_script(
        """
        revoke update (nik_sealed, nik_absent_reason) on beneficiaries from sinergi_registry;
        revoke delete on nik_index from sinergi_registry;
        revoke update (has_nik) on marks from sinergi_registry
        """
    )
