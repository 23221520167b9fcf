"""JSON logs that name ids and codes, never a person."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import orjson
import structlog

from shared.tracing import current_traceparent, request_id, trace_id

_SIXTEEN_DIGITS: Final = re.compile(r"(?<![0-9a-f-])\d{16}(?![0-9a-f-])")
_PERSONAL_FIELDS: Final = frozenset(
    {"name", "nik", "kk", "phone", "address", "password", "token", "note", "need", "text"}
)


def configure_logging(service: str, level: str) -> None:
    """Send every log line of this process to standard output as one JSON object."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_context(service),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stdout.buffer),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_LibraryFormatter(service))
    logging.basicConfig(handlers=[handler], level=max(numeric, logging.WARNING), force=True)


def get_logger() -> Any:
    """The process's logger."""
    return structlog.get_logger()


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Blank fields that could name a person and any run of sixteen digits (NIK, No. KK)."""
    for key, value in line.items():
        if key in _PERSONAL_FIELDS:
            line[key] = "***"
        elif isinstance(value, str):
            line[key] = _SIXTEEN_DIGITS.sub("***", value)
    return line


def _with_context(service: str) -> Any:
    def add(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        line["service"] = service
        line["request_id"] = request_id.get()
        line["trace_id"] = trace_id(current_traceparent())
        return line

    return add


class _LibraryFormatter(logging.Formatter):
    """Turns lines of libraries into the same shape; their tracebacks are named, never printed."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "service": self._service,
            "request_id": request_id.get(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return orjson.dumps(redact(None, "", line)).decode()
