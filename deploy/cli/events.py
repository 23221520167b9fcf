"""`sinergi events`: looks at the events that pass through Redis."""

import json
import sys
from typing import Annotated, Any

import redis
import typer

from deploy.cli.running import effective_environment
from deploy.embedded.problem import Problem
from deploy.processes import PROCESSES

_BLOCK_MILLISECONDS = 1000
_PUBLISHERS = tuple(process.name for process in PROCESSES if "worker" in process.roles)

app = typer.Typer(help="Look at the events that pass through Redis.", no_args_is_help=True)


@app.callback()
def events() -> None:
    """Look at the events that pass through Redis."""


@app.command("tail")
def tail(
    service: Annotated[str, typer.Argument(help="Only this service's events.")] = "",
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for further events.")
    ] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=0, help="How many past events.")] = 20,
) -> None:
    """Print time, type, subject and version of the latest events."""
    if service and service not in _PUBLISHERS:
        raise Problem(f'"{service}" publishes no events; choose one of {", ".join(_PUBLISHERS)}.')
    environment = effective_environment()
    prefix = environment.get("REDIS_PREFIX") or "sinergi"
    url = environment.get("REDIS_URL") or "redis://127.0.0.1:6379/0"
    names = [service] if service else list(_PUBLISHERS)
    try:
        with redis.Redis.from_url(url, decode_responses=True) as client:
            _print_events(client, [f"{prefix}:ev:{name}" for name in names], count, follow=follow)
    except redis.RedisError as error:
        raise Problem(f"Redis does not answer: {error}. Is Sinergi running?") from error
    except KeyboardInterrupt:
        return


def _print_events(client: Any, streams: list[str], count: int, *, follow: bool) -> None:
    positions = dict.fromkeys(streams, "0-0")
    past: list[tuple[str, dict[str, str]]] = []
    for stream in streams:
        latest = client.xrevrange(stream, count=max(count, 1))
        positions[stream] = latest[0][0] if latest else "0-0"
        past += latest
    past.sort(key=lambda entry: [int(part) for part in entry[0].split("-")])
    for _, fields in past[len(past) - min(count, len(past)) :]:
        _print_event(fields)
    while follow:
        # redis-py answers with a list of pairs or, with RESP3, a dict of lists of lists.
        answer = client.xread(positions, block=_BLOCK_MILLISECONDS) or {}
        batches = answer.items() if isinstance(answer, dict) else answer
        for stream, batch in batches:
            entries = batch[0] if isinstance(answer, dict) else batch
            for entry, fields in entries:
                _print_event(fields)
                positions[stream] = entry


def _print_event(fields: dict[str, str]) -> None:
    try:
        event = json.loads(fields["e"])
        version = f"v{event['subjectversion']}"
        line = f"{event['time']}  {event['type']}  {event['subject']}  {version}"
    except (KeyError, ValueError, TypeError):
        line = "(an entry that is no event)"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
