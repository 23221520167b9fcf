from pathlib import Path

import pytest
import redis

from deploy.embedded.problem import Problem
from deploy.embedded.valkey import EmbeddedValkey
from tests.fixtures.stack import free_port


def client(server: EmbeddedValkey) -> "redis.Redis":
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_valkey_never_evicts_and_writes_every_second(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        settings = connection.config_get("append*", "maxmemory-policy", "bind")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["bind"] == "127.0.0.1"


def test_without_the_password_nobody_gets_in(valkey: EmbeddedValkey) -> None:
    with (
        redis.Redis(port=valkey.port) as connection,
        pytest.raises(redis.AuthenticationError),
    ):
        connection.ping()


def test_a_stop_keeps_what_was_written(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        connection.set("mark", "7")
    valkey.stop()
    valkey.start()
    valkey.wait_ready()
    with client(valkey) as connection:
        assert connection.get("mark") == "7"


def test_a_kill_is_survived(valkey: EmbeddedValkey) -> None:
    valkey.kill()
    assert not valkey.is_running
    valkey.start()
    valkey.wait_ready()
    with client(valkey) as connection:
        assert connection.ping()


def test_a_wipe_leaves_nothing(valkey: EmbeddedValkey) -> None:
    with client(valkey) as connection:
        connection.set("mark", "7")
    valkey.wipe()
    valkey.start()
    valkey.wait_ready()
    with client(valkey) as connection:
        assert connection.dbsize() == 0


def test_a_taken_port_is_one_sentence(folder: Path, valkey: EmbeddedValkey) -> None:
    other = EmbeddedValkey(folder / "other", valkey.port)
    with pytest.raises(
        Problem, match=rf"^Port {valkey.port} for Valkey is already taken .*REDIS_PORT"
    ):
        other.start()


def test_a_damaged_file_is_a_sentence_with_the_end_of_the_log(folder: Path) -> None:
    server = EmbeddedValkey(folder / "valkey", free_port())
    server.start()
    server.wait_ready()
    server.stop()
    for file in (server.data / "appendonlydir").glob("*.manifest"):
        file.write_text("damaged\n")
    server.start()
    with pytest.raises(Problem, match=r"^Valkey did not start; its log .* ends with: "):
        server.wait_ready()
