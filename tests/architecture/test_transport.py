"""Redis is used within what Redis 6.2 and Valkey both know, and FastStream from one place."""

import ast

from tests.architecture.project import code, imported

CONSUMER = "shared/messaging/consumer.py"
BEHIND = ("shared/messaging/", "shared/worker.py", "deploy/cli/")
"""The message work, and commands that look at it."""
COMMANDS_OF_6_2 = {
    "get",
    "info",
    "ping",
    "set",
    "time",
    "xack",
    "xadd",
    "xgroup_create",
    "xinfo_consumers",
    "xinfo_groups",
    "xpending_range",
    "xrange",
    "xread",
    "xrevrange",
}
PLUMBING = {"aclose", "close", "execute", "from_url", "multi", "pipeline", "watch"}
NEWER_OPTIONS = {"claim_min_idle_time", "idmpauto", "idmp", "ref_policy"}
RECEIVERS = ("redis", "Redis", "pipe", "client")


def redis_calls() -> list[tuple[str, ast.Call]]:
    """Calls on Redis clients and pipelines, in the modules that import redis."""
    found = []
    for path, tree in code():
        if "redis" not in imported(tree):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                receiver = ast.unparse(node.func.value)
                if receiver.endswith(RECEIVERS):
                    found.append((f"{path}:{node.lineno} {node.func.attr}", node))
    return found


def method(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def test_faststream_is_imported_in_exactly_one_module() -> None:
    assert [path for path, tree in code() if "faststream" in imported(tree)] == [CONSUMER]


def test_only_commands_of_redis_6_2_are_used() -> None:
    calls = redis_calls()
    assert {"xadd", "xack", "set", "xgroup_create"} <= {method(call) for _, call in calls}
    newer = [
        where
        for where, call in calls
        if method(call) not in COMMANDS_OF_6_2 | PLUMBING
        or NEWER_OPTIONS & {keyword.arg for keyword in call.keywords}
    ]
    assert newer == []


def test_every_group_begins_at_the_first_event() -> None:
    """INVARIANT: a group that began at `$` would never see what was said before its first start."""
    created = [call for _, call in redis_calls() if method(call) == "xgroup_create"]
    starts = [
        ast.literal_eval(keyword.value)
        for call in created
        for keyword in call.keywords
        if keyword.arg == "id"
    ]
    assert len(starts) == len(created) > 0
    assert set(starts) == {"0"}


def test_every_subscriber_reads_bounded_batches_from_where_its_group_stands() -> None:
    """INVARIANT: `last_id` makes a restarted FastStream reader spin on its own old entries."""
    tree = dict(code())[CONSUMER]
    subscriptions = [
        {keyword.arg for keyword in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "StreamSub"
    ]
    assert subscriptions
    for options in subscriptions:
        assert {"group", "consumer", "batch", "max_records", "min_idle_time"} <= options
        assert not {"last_id", "claim_min_idle_time", "no_ack"} & options


def test_p7_answering_http_never_touches_redis() -> None:
    users = [path for path, tree in code() if imported(tree) & {"redis", "faststream"}]
    assert users
    assert [path for path in users if not path.startswith(BEHIND)] == []
