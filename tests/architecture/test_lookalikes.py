"""Look-alikes are asked for on every way in, also on one that somebody adds later."""

import ast
from typing import Final

from tests.architecture.project import code

REGISTRY: Final = "services/registry/"
STORES: Final = {"beneficiaries.add", "beneficiaries.add_written"}
"""What makes a record."""
ASKS: Final = "marks.lookalikes"
INVENTED: Final = f"{REGISTRY}use_cases/import_beneficiaries.py"
"""Stores people whom nobody can be: the demo's."""


def calls(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_what_stores_a_record_asks_who_looks_like_it() -> None:
    found = {path: calls(tree) for path, tree in code() if path.startswith(REGISTRY)}
    storing = {path for path, called in found.items() if called & STORES}
    assert {path.rpartition("/")[2] for path in storing} >= {
        "register_beneficiary.py", "register_batch.py", "take_in_rows.py", "join_families.py",
    }  # fmt: skip
    assert {path for path in storing if ASKS not in found[path]} == {INVENTED}


def test_only_the_demo_takes_over_people_whom_nobody_compares() -> None:
    name = INVENTED.removesuffix(".py").replace("/", ".")
    importing = {
        path
        for path, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == name
    }
    assert importing == {"deploy/demo/__main__.py"}


def test_records_are_inserted_in_one_place() -> None:
    inserting = {
        path
        for path, tree in code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "insert into beneficiaries " in " ".join(node.value.split())
    }
    assert inserting == {f"{REGISTRY}storage/beneficiaries.py"}
