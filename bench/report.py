"""The results as a table on the terminal and in the documents."""

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: ours, the floor's in the same run, the goals, another build's figure."""

    name: str
    unit: str
    ours: float
    floor: float | None = None
    goal: float | None = None
    ratio_goal: float | None = None
    other: float | None = None
    less_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours over the floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether every goal is met; None without a goal."""
        verdicts = []
        if self.goal is not None:
            good = self.ours <= self.goal if self.less_is_better else self.ours >= self.goal
            verdicts.append(good)
        if self.ratio_goal is not None and self.ratio is not None:
            good = (
                self.ratio <= self.ratio_goal
                if self.less_is_better
                else self.ratio >= self.ratio_goal
            )
            verdicts.append(good)
        return all(verdicts) if verdicts else None


_HEAD = ("Measured", "Unit", "Sinergi", "Bare floor", "Ratio", "Goal", "Goal ratio", "Met",
         "Django + Celery build")  # fmt: skip


def as_table(lines: list[Line]) -> Table:
    """For the terminal."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    named, unit, *figures = _HEAD
    table.add_column(named)
    table.add_column(unit)
    for name in figures:
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(*_cells(line))
    return table


def as_markdown(lines: list[Line], machine: str) -> str:
    """For docs/benchmarks.md."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *(_cells(line) for line in lines)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return (
        "# Benchmarks\n\n"
        "Written by `.venv/bin/python -m bench --write`; `make bench` measures the same and writes "
        "nothing. Each figure stands beside a bare floor measured in the same run: plain asyncpg, "
        "plain redis-py and a bare Starlette route doing the same statements. The last column is "
        "what a Django, DRF and Celery build of the same job does on such a machine.\n\n"
        "What the floor lacks, and ours pays for: callers and their rights, checked input, "
        "row-level security, partitions, triggers, retries and dead letters. What it pays for, and "
        "ours does not: its relay waits for the disk when it marks what was sent "
        "([ADR 13](adr/0013-relay-commits-without-the-disk.md)). The floor of POST to SSE ends "
        "with the NOTIFY of the commit that wrote the notice. The floor of the import is a COPY of "
        "all the rows that it wrote, its triggers' too, into the same tables with their keys and "
        "indexes; no trigger runs.\n\n"
        "The goals are for two cores on which the floor of whole jobs does 1,100 a second. Where "
        "it does less, the ratios say more than the figures beside them. There, 100 a second are "
        "an eleventh of the floor's whole jobs, 10 and 17 ms twice what the floor takes: that "
        "share and that ratio are measured too. 600 whole jobs are 0.55 of that floor, and 10 ms "
        "for the worklist of a kecamatan 2.1 times the 4.7 ms of the floor beside which that goal "
        "was set.\n\n"
        f"{machine}.\n\n{table}\n"
    )


def _cells(line: Line) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "no"}[line.met]
    return (
        line.name,
        line.unit,
        _number(line.ours),
        _number(line.floor),
        _number(line.ratio),
        _number(line.goal),
        _number(line.ratio_goal),
        met,
        _number(line.other),
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
