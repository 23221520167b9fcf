"""docs/settings.md names every setting, and no other."""

import ast
import importlib
import pkgutil
import re

from pydantic_settings import BaseSettings

import services
from shared.migrations import SERVICES
from tests.architecture.project import ROOT, code

DOCUMENT = ROOT / "docs" / "settings.md"
ROW = re.compile(r"^\| `((?:<SERVICE>_)?[A-Z][A-Z0-9_]*)` \|", re.MULTILINE)
READ = re.compile(r"environ(?:ment)?(?:\.get\(|\[|, )\"([A-Z][A-Z0-9_]+)\"")


def declared() -> set[str]:
    """Environment variables of every settings class; the class others build on is not one."""
    names = [f"services.{found.name}.settings" for found in pkgutil.iter_modules(services.__path__)]
    modules = [importlib.import_module(name) for name in ("shared.settings", *names)]
    found: set[str] = set()
    for module in modules:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, BaseSettings)
                and value.__module__ == module.__name__
                and not value.__subclasses__()
            ):
                prefix = value.model_config.get("env_prefix", "")
                found |= {f"{prefix}{field}".upper() for field in value.model_fields}
    return found


def read_directly() -> set[str]:
    """Environment variables that the operator's side reads without a settings class."""
    return {
        name for _, tree in code() for name in READ.findall(ast.unparse(tree).replace("'", '"'))
    }


def mentioned() -> set[str]:
    """Every text the code holds by itself: what no code mentions cannot be a setting."""
    return {
        node.value
        for _, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def documented() -> set[str]:
    names: set[str] = set()
    for name in ROW.findall(DOCUMENT.read_text(encoding="utf-8")):
        if name.startswith("<SERVICE>_"):
            rest = name.removeprefix("<SERVICE>")
            names |= {f"{service.upper()}{rest}" for service in SERVICES}
        else:
            names.add(name)
    return names


def test_every_setting_is_documented() -> None:
    names = declared()
    assert {"REDIS_URL", "CASES_PORT", "DIRECTORY_SIGNING_KEY", "PORTAL_PORT"} <= names
    assert names - documented() == set()
    assert read_directly() - documented() == set()


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    assert documented() - declared() - mentioned() == set()


def test_each_setting_stands_there_once() -> None:
    names = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert sorted(names) == sorted(set(names))
