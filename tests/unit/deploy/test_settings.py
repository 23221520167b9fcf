from pathlib import Path

import pytest

from deploy.embedded.problem import Problem
from deploy.embedded.settings import read_settings


def test_without_any_setting_everything_has_its_own_port_and_the_demo_is_on() -> None:
    settings = read_settings({})
    assert settings.folder == Path(".sinergi").resolve()
    assert settings.ports["PORTAL_PORT"] == 8000
    assert (settings.postgres_port, settings.redis_port) == (8015, 8016)
    assert (settings.postgres_url, settings.redis_url, settings.demo) == ("", "", True)


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 80", "٣"])
def test_a_broken_port_is_named_in_one_sentence(text: str) -> None:
    with pytest.raises(
        Problem, match=r"^CASES_PORT is .* must be a port number from 1 to 65535\.$"
    ):
        read_settings({"CASES_PORT": text})


def test_two_settings_with_one_port_are_both_named() -> None:
    with pytest.raises(Problem, match="PORTAL_PORT and REDIS_PORT are both 9000"):
        read_settings({"PORTAL_PORT": "9000", "REDIS_PORT": "9000"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("POSTGRES_URL", "mysql://owner:hush@db/sinergi"),
        ("POSTGRES_URL", "postgresql://owner:hush@/sinergi"),
        ("POSTGRES_URL", "postgresql://owner:hush@db:port/sinergi"),
        ("REDIS_URL", "hush"),
    ],
)
def test_a_broken_url_is_named_but_never_repeated(name: str, text: str) -> None:
    with pytest.raises(Problem, match=f"^{name} is not a complete URL") as caught:
        read_settings({name: text})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("text", "demo"), [("true", False), ("1", False), ("no", True)])
def test_no_demo_is_a_switch(text: str, *, demo: bool) -> None:
    assert read_settings({"NO_DEMO": text}).demo is demo


def test_a_switch_that_is_neither_on_nor_off_is_named() -> None:
    with pytest.raises(Problem, match=r'^NO_DEMO is "perhaps" and must be true or false\.$'):
        read_settings({"NO_DEMO": "perhaps"})
