"""Figures of the event backbone, as Prometheus sees them."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

RELAY_LAG: Final = Gauge(
    "sinergi_relay_lag_seconds", "Age of the oldest event in the last batch sent", ["service"]
)
OLDEST_UNPUBLISHED: Final = Gauge(
    "sinergi_oldest_unpublished_seconds", "Age of the oldest event not yet sent", ["service"]
)
RELAYED: Final = Counter("sinergi_relayed_events", "Events sent to the stream", ["service"])
RELAY_REARMED: Final = Counter(
    "sinergi_relay_rearmed_events", "Events sent again because Redis lost data", ["service"]
)
RELAY_ERRORS: Final = Counter(
    "sinergi_relay_errors", "Rounds of the relay that failed", ["service", "error"]
)
CONSUMED: Final = Counter(
    "sinergi_consumed_events", "Events by what became of them", ["service", "stream", "outcome"]
)
GROUP_LAG: Final = Gauge(
    "sinergi_group_lag_events", "Entries of a stream this group has not read", ["service", "stream"]
)
GROUP_PENDING: Final = Gauge(
    "sinergi_group_pending_events", "Entries read and not acknowledged", ["service", "stream"]
)
DEAD_LETTERS: Final = Gauge(
    "sinergi_dead_letters", "Dead letters waiting for a decision", ["service"]
)
CONSUMER_RESTARTS: Final = Counter(
    "sinergi_consumer_restarts", "Subscribers the watchdog restarted", ["service", "stream"]
)
RECONCILED: Final = Counter(
    "sinergi_reconciled_events", "Events the reconciler pulled from their owner", ["service"]
)
EVENT_AGE: Final = Histogram(
    "sinergi_event_age_seconds",
    "Time from an event's commit to its effect here",
    ["service", "stream"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300),
)
