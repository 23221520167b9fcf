"""`make bench`: the speed promises, each beside a bare floor measured in the same run."""

import argparse
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import alarms, backbone, boards, dry_run, imports, intake, jobs, registry, startup
from bench.load import Measured
from bench.report import Line, as_markdown, as_table
from bench.world import World, running_world

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    """Measure, print, and with --write keep the result in docs/benchmarks.md."""
    asked = _arguments()
    chosen: list[str] = asked.sections
    uvloop.install()
    console = Console(width=None if sys.stdout.isatty() else 120)
    lines: list[Line] = []
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    ) as progress:
        task = progress.add_task("starting PostgreSQL, Valkey and the services")
        with running_world() as world:
            for name, measure in MEASURES:
                if chosen and not any(word in name for word in chosen):
                    continue
                progress.update(task, description=name)
                lines += measure(world)
        if not chosen or any(word in STARTUP for word in chosen):
            progress.update(task, description=STARTUP)
            lines += startup.lines()
    console.print(as_table(lines))
    if asked.write:
        RESULTS.write_text(as_markdown(lines, _machine()), encoding="utf-8")


def _relay(world: World) -> list[Line]:
    ours, floor = backbone.relay_drain(world)
    return [Line("Relay drain", "events/s", ours, floor, goal=10_000, ratio_goal=0.8, other=530)]


def _consumer(world: World) -> list[Line]:
    ours, floor = backbone.consume(world)
    return [Line("Consumer with inbox", "events/s", ours, floor, ratio_goal=0.7)]


def _post(world: World) -> list[Line]:
    alone, bare = jobs.post_referral(world)
    ours, floor = jobs.post_beside_workers(world)
    return [
        Line("POST /referrals, API alone", "requests/s", alone.per_second, bare.per_second,
             ratio_goal=0.5),
        Line("POST /referrals, API alone, p50", "ms", alone.percentile(0.5), bare.percentile(0.5)),
        Line("POST /referrals, API alone, p99", "ms", alone.percentile(0.99),
             bare.percentile(0.99)),
        Line("POST /referrals, everything up", "requests/s", ours.per_second, floor.per_second,
             ratio_goal=0.5),
    ]  # fmt: skip


def _whole(world: World) -> list[Line]:
    ours, floor = jobs.whole_jobs(world)
    return [Line("Whole jobs", "jobs/s", ours, floor, goal=600, ratio_goal=600 / 1_100, other=190)]


def _end_to_end(world: World) -> list[Line]:
    ours, floor = _heard(*jobs.end_to_end(world))
    pace = jobs.SHARE * jobs.floor_jobs(world)
    paced, paced_floor = _heard(*jobs.end_to_end(world, pace, jobs.SHARED_SECONDS))
    listed, listed_floor = _heard(*jobs.to_worklist(world))
    return [
        Line("POST to SSE at 100/s, p50", "ms", ours.percentile(0.5), floor.percentile(0.5),
             goal=10, other=11, less_is_better=True),
        Line("POST to SSE at 100/s, p99", "ms", ours.percentile(0.99), floor.percentile(0.99),
             goal=17, other=18, less_is_better=True),
        Line("An eleventh of the floor's whole jobs", "requests/s", pace),
        Line("POST to SSE at this rate, p50", "ms", paced.percentile(0.5),
             paced_floor.percentile(0.5), ratio_goal=2, less_is_better=True),
        Line("POST to SSE at this rate, p99", "ms", paced.percentile(0.99),
             paced_floor.percentile(0.99), ratio_goal=2, less_is_better=True),
        Line("POST to row in the worklist at 100/s, p50", "ms", listed.percentile(0.5),
             listed_floor.percentile(0.5)),
        Line("POST to row in the worklist at 100/s, p99", "ms", listed.percentile(0.99),
             listed_floor.percentile(0.99)),
    ]  # fmt: skip


def _heard(ours: Measured, floor: Measured) -> tuple[Measured, Measured]:
    if ours.failures or floor.failures:
        raise RuntimeError(f"lost messages: ours {ours.failures}, floor {floor.failures}")
    return ours, floor


def _boards(world: World) -> list[Line]:
    with world.api_alone():
        return boards.lines(world)


def _intake(world: World) -> list[Line]:
    taken = intake.families(world)
    name = f"{intake.FAMILIES:,} families"
    return [
        Line(f"{name} registered and taken in", "s", taken.seconds, goal=600, less_is_better=True),
        Line(f"{name}, known to all pools after", "s", taken.settled_seconds),
        Line("Referrals made by them and beside", "", taken.referrals),
        Line("Notices of these", "", taken.notices),
        Line("Families put off and sent again", "", taken.sent_again),
        Line(f"Batch of {intake.BATCH}, p95", "ms", taken.batches.percentile(0.95)),
        Line("Worklist meanwhile, p95", "ms", taken.worklists.percentile(0.95), goal=500,
             less_is_better=True),
        Line("POST /referrals meanwhile, p95", "ms", taken.posts.percentile(0.95), goal=500,
             less_is_better=True),
        Line("Record in the registry meanwhile, p95", "ms", taken.records.percentile(0.95),
             goal=500, less_is_better=True),
    ]  # fmt: skip


def _alarms(world: World) -> list[Line]:
    with world.api_alone():
        rung, rung_floor = alarms.due_at_once(world, alarms.RUNG)
        moved, moved_floor = alarms.due_at_once(world, alarms.REROUTED)
    due = f"{alarms.DUE:,} deadlines"
    return [
        Line(f"{due} due at once, two sweepers", "s", rung, rung_floor, goal=1,
             less_is_better=True),
        Line(f"{due} that end in a re-route, two sweepers", "s", moved, moved_floor, goal=1,
             less_is_better=True),
    ]  # fmt: skip


def _imports(world: World) -> list[Line]:
    """In a database of its own, and nothing at work beside: what the others left is not counted."""
    with world.api_alone():
        return imports.run()


def _dry_run(world: World) -> list[Line]:
    ours, floor = dry_run.measure(world)
    name = f"Dry run of rules over {dry_run.REFERRALS:,} referrals"
    return [Line(name, "s", ours, floor, goal=5, less_is_better=True)]


MEASURES = (
    ("relay drain", _relay),
    ("consumer with inbox", _consumer),
    ("POST /referrals", _post),
    ("whole jobs", _whole),
    ("end to end at 100 a second", _end_to_end),
    ("alarms due at once", _alarms),
    ("dry-run of changed rules", _dry_run),
    ("intake of a disaster", _intake),
    ("list of people taken in", _imports),
    ("registry of a province", registry.lines),
    # Last: what it leaves in the database would slow the others.
    ("worklist and board of a province", _boards),
)


STARTUP = "start-up time and memory of everything"


def _arguments() -> argparse.Namespace:
    names = [name for name, _ in MEASURES] + [STARTUP]
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="Sections: " + "; ".join(names) + "."
    )
    parser.add_argument(
        "sections", nargs="*", metavar="word", help="measure only sections with such a word"
    )
    parser.add_argument("--write", action="store_true", help=f"write docs/{RESULTS.name}")
    asked = parser.parse_args()
    for word in asked.sections:
        if not any(word in name for name in names):
            parser.error(f"no section has “{word}” in its name")
    if asked.write and asked.sections:
        parser.error("only a whole run is written")
    return asked


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {psutil.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}, CPython {platform.python_version()}, "
        "load, floor and services on the same cores. On one of them ten million turns of an empty "
        f"Python loop took {_loop_seconds():.2f} s"
    )


def _loop_seconds() -> float:
    """How fast a core was: machines that are rented differ from day to day."""
    started = time.process_time()
    for _ in range(10_000_000):
        pass
    return time.process_time() - started


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    sys.stdout.write(f"Took {time.perf_counter() - started:.0f} s.\n")
