"""What the checks of this folder read: the project's own files."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("shared", "services", "deploy", "scripts")
SERVICES = ("directory", "registry", "cases", "notifications", "portal")

_NOT_OURS = {
    "__pycache__",
    "build",
    "node_modules",
    "screenshots",
    "sinergi.egg-info",
    "vendor",
}
_HIDDEN_OURS = {".ci", ".github", ".gitignore", ".dockerignore"}


def files(*suffixes: str, below: Path = ROOT) -> Iterator[Path]:
    """Files people wrote, of these endings or of any; without caches, data and vendored copies."""
    for path in sorted(below.iterdir()):
        if path.name in _NOT_OURS or (path.name[0] == "." and path.name not in _HIDDEN_OURS):
            continue
        if path.is_dir():
            yield from files(*suffixes, below=path)
        elif not suffixes or path.suffix in suffixes:
            yield path


def code() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the product: its path from the project's folder and its syntax tree."""
    for folder in CODE:
        for path in files(".py", below=ROOT / folder):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of everything a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
