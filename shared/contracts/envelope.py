"""The envelope of every event: CloudEvents 1.0, JSON format, carrying only ids and codes."""

from datetime import datetime
from typing import Any, ClassVar, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

NAMESPACE: Final = "id.sinergi"
MAX_EVENT_BYTES: Final = 64 * 1024
"""CloudEvents 1.0 asks intermediaries to forward 64 KiB; a larger event is refused when stated."""


class EventData(BaseModel):
    """What one kind of event says; each subclass declares its wire name, version and publisher."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    publisher: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def wire_type(cls) -> str:
        """CloudEvents `type`: reverse DNS name, publisher, fact and major version."""
        return f"{NAMESPACE}.{cls.publisher}.{cls.name}.v{cls.version}"

    @classmethod
    def schema_uri(cls) -> str:
        """CloudEvents `dataschema`: where the payload's JSON Schema is published."""
        return f"urn:sinergi:schema:{cls.publisher}.{cls.name}:{cls.version}"


_OPTIONAL: Final = ("dataschema", "traceparent", "requestid")


class Event(BaseModel):
    """One CloudEvent as it lies in the log and travels in the stream."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str = Field(max_length=200)
    type: str = Field(max_length=200)
    subject: str = Field(max_length=100)
    time: datetime
    dataschema: str | None = Field(default=None, max_length=200)
    datacontenttype: str = "application/json"
    subjectversion: int = Field(ge=1, le=2**31 - 1)
    traceparent: str | None = Field(default=None, max_length=55)
    requestid: str | None = Field(default=None, max_length=36)
    data: Any

    @field_validator("specversion")
    @classmethod
    def _only_version_1(cls, value: str) -> str:
        if value != "1.0":
            raise ValueError("specversion must be 1.0")
        return value

    @field_validator("time")
    @classmethod
    def _time_has_zone(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("time must carry an offset")
        return value

    @classmethod
    def stating(
        cls,
        data: EventData,
        *,
        event_id: UUID,
        subject: UUID,
        version: int,
        time: datetime,
        traceparent: str | None,
        requestid: str | None = None,
    ) -> Self:
        """Put a fact into its envelope."""
        return cls(
            id=event_id,
            source=f"/sinergi/{data.publisher}",
            type=data.wire_type(),
            subject=str(subject),
            subjectversion=version,
            time=time,
            dataschema=data.schema_uri(),
            traceparent=traceparent,
            requestid=requestid,
            data=data,
        )

    def to_json(self) -> bytes:
        """The event as it lies in the log; an absent attribute is left out, as the format asks.

        Only attributes: inside `data` an empty field stays, for consumers require it.
        """
        absent = {name for name in _OPTIONAL if getattr(self, name) is None}
        return self.model_dump_json(exclude=absent).encode()
