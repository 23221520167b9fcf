"""The table look-alikes are found in; the migrations create the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from services.registry.storage.tables import metadata

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("beneficiary_id", UUID, sa.ForeignKey("beneficiaries.id"), primary_key=True),
    sa.Column("spelling", sa.SmallInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("regency", sa.Text(collation="C"), nullable=False),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Column("sound", sa.Text, nullable=False),
    sa.Column("consonants", sa.Text(collation="C"),
              sa.Computed("translate(sound, 'aiueohy ', '')", persisted=True), nullable=False),
    sa.Column("sex", sa.Text),
    sa.Column("birth_precision", sa.Text),
    sa.Column("birth_year", sa.SmallInteger),
    sa.Column("birth_on", sa.Date),
    sa.Column("has_nik", sa.Boolean, nullable=False),
    sa.Column("known_year", sa.SmallInteger, sa.Computed(
        "case when birth_precision <> 'age' then birth_year else null end", persisted=True)),
    sa.Column("phone", BYTEA),
    sa.Index("ix_marks_sound", "regency", "sound", postgresql_using="gin",
             postgresql_ops={"sound": "gin_trgm_ops"}),
    sa.Index("ix_marks_consonants", "regency", "consonants"),
    sa.Index("ix_marks_birth_on", "regency", "birth_on"),
    sa.Index("ix_marks_village", "area", "kind", "has_nik", "known_year"),
)  # fmt: skip

alias_marks = sa.Table(
    "alias_marks",
    metadata,
    sa.Column("beneficiary_id", UUID,
              sa.ForeignKey("marks.beneficiary_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("sound", sa.Text, primary_key=True),
    sa.Column("regency", sa.Text(collation="C"), nullable=False),
    sa.Column("area", sa.Text(collation="C"), nullable=False),
    sa.Index("ix_alias_marks_sound", "regency", "sound", postgresql_using="gin",
             postgresql_ops={"sound": "gin_trgm_ops"}),
)  # fmt: skip
