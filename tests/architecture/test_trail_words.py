"""What the audit trail of a person's record says, a person can read."""

import ast
from collections.abc import Iterator

from services.portal.protection_words import ACTIONS, CHANGED
from services.registry.api.bodies import BeneficiaryPatch
from tests.architecture.project import code

WRITE = ("services/registry/", "shared/")
CHANGE = "beneficiary.changed"


def records() -> Iterator[tuple[str, ast.Call]]:
    """Every place that writes to the trail of a person's record."""
    for path, tree in code():
        if path.startswith(WRITE):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    yield path, node


def constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_action_that_is_written_to_the_trail_has_words() -> None:
    written = [(path, constant(call.args[2])) for path, call in records()]
    assert [path for path, action in written if action is None] == []
    assert {action for _, action in written} == ACTIONS.keys()


def test_everything_that_may_be_changed_has_a_word() -> None:
    given = {
        constant(keyword.value)
        for _, call in records()
        if constant(call.args[2]) == CHANGE
        for keyword in call.keywords
        if keyword.arg == "detail"
    }
    by_itself = {detail for detail in given if detail}
    assert by_itself == {"nik", "kk"}
    assert (by_itself | BeneficiaryPatch.model_fields.keys()) == CHANGED.keys()
