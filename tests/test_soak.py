"""`make soak` runs every test whose rounds depend on it, and no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = "tests.soak"
FILES = sorted(path for path in TESTS.rglob("*.py") if path.name not in {"soak.py", "test_soak.py"})


def names(node: ast.AST) -> set[str]:
    """Return the names and parameters that a piece of source mentions."""
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found | {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}


def depending(tree: ast.Module) -> set[str]:
    """Return the names of a module that depend on how long a soak is, tests among them."""
    found = {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == SOURCE
        for each in node.names
    }
    while True:
        more = found | {
            name
            for node in tree.body
            for name in defined(node)
            if not isinstance(node, ast.Import | ast.ImportFrom) and names(node) & found
        }
        if more == found:
            return found
        found = more


def defined(node: ast.stmt) -> Iterator[str]:
    """Yield what a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def marked(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == "pytest.mark.soak" for each in function.decorator_list)


def test_a_test_is_marked_just_where_its_rounds_depend_on_a_soak() -> None:
    for path in FILES:
        text = path.read_text("utf-8")
        assert 'environ.get("CHARTPROOF_SOAK"' not in text, f"{path}: tests.soak reads it, once"
        if SOURCE not in text and "mark.soak" not in text:
            continue
        tree = ast.parse(text)
        dependent = depending(tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert marked(node) == (node.name in dependent), f"{path}: {node.name}"


def test_there_are_soaks_and_they_are_found() -> None:
    found = {
        path.name: depending(ast.parse(path.read_text("utf-8")))
        for path in FILES
        if SOURCE in path.read_text("utf-8")
    }
    assert len(found) > 15
    assert "test_every_flipped_bit_in_the_database_is_found" in found["test_check_damage.py"]
