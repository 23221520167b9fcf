"""A setting that is broken is named in one sentence, which never repeats what it holds."""

from collections.abc import Mapping

import pytest

from services.cases.settings import Settings as CasesSettings
from services.portal.settings import Settings as PortalSettings
from services.registry.settings import Settings as RegistrySettings
from shared.ending import BROKEN_SETTING
from shared.settings import CommonSettings, ServiceSettings, read

GIVEN = {
    "DATABASE_URL": "postgresql://a",
    "WORKER_DATABASE_URL": "postgresql://b",
    "CLIENT_SECRET": "hush",
}
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    ("kind", "given", "named"),
    [
        (CommonSettings, {"LOG_LEVEL": "secret"}, "LOG_LEVEL is broken: input should be"),
        (CasesSettings, {"CASES_POOL_SIZE": "secret"}, "CASES_POOL_SIZE is broken: input should"),
        (CasesSettings, {"CASES_CLIENT_SECRET": None}, "CASES_CLIENT_SECRET is missing."),
        (RegistrySettings, {"REGISTRY_NIK_KEYS": "secret"}, "REGISTRY_NIK_KEYS cannot be read."),
        (RegistrySettings, {"REGISTRY_NIK_KEYS": '{"1": "secret"}'}, "REGISTRY_NIK_KEYS is broken"),
        (
            RegistrySettings,
            {"REGISTRY_NIK_INDEX_KEY": "{secret"},
            "REGISTRY_NIK_INDEX_KEY is broken",
        ),
        (PortalSettings, {"PORTAL_PORT": "secret"}, "PORTAL_PORT is broken: input should be"),
    ],
)
def test_a_broken_setting_is_a_sentence_that_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: type[ServiceSettings],
    given: Mapping[str, str | None],
    named: str,
) -> None:
    prefix = kind.model_config.get("env_prefix", "")
    keys = {"REGISTRY_NIK_KEYS": f'{{"1": "{KEY}"}}', "REGISTRY_NIK_INDEX_KEY": KEY}
    for name, value in ({f"{prefix}{one}": held for one, held in GIVEN.items()} | keys).items():
        monkeypatch.setenv(name, value)
    for name, changed in given.items():
        if changed is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, changed)
    with pytest.raises(SystemExit) as ended:
        read(kind)
    assert ended.value.code == BROKEN_SETTING
    said = capsys.readouterr().err
    assert said.startswith(f"The setting {named}")
    assert (said.count("\n"), "secret" in said) == (1, False)
