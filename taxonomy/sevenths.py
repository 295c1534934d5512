"""Spread 7th characters over the codes that need one.

The tabular XML defines a set of characters once, on a category or below it; which codes exist
follows by rule (guidelines I.A.4, I.A.5): the nearest definition replaces those above it, and a
base shorter than six characters is filled with the placeholder X.
"""

from taxonomy.tabular import Node

_BASE_LENGTH = 6
_FULL_LENGTH = 7
Extensions = tuple[tuple[str, str], ...]


def assign(nodes: list[Node]) -> tuple[list[int], list[Extensions]]:
    """Return for each node the number of its set of 7th characters, and the sets.

    -1 stands for none: a header, a leaf without definition, or a code complete in itself.
    """
    inherited: list[Extensions | None] = []
    header = [False] * len(nodes)
    for node in nodes:
        above = inherited[node.parent] if node.parent >= 0 else None
        inherited.append(node.sevenths if node.sevenths is not None else above)
        if node.parent >= 0:
            header[node.parent] = True
    numbers: dict[Extensions, int] = {}
    assigned: list[int] = []
    for node, extensions, is_header in zip(nodes, inherited, header, strict=True):
        bare = node.code.replace(".", "")
        if is_header or extensions is None or len(bare) == _FULL_LENGTH:
            assigned.append(-1)
        else:
            allowed = _allowed(bare, extensions)
            assigned.append(numbers.setdefault(allowed, len(numbers)))
    return assigned, list(numbers)


def full_code(base: str, char: str) -> str:
    """Return the code with its 7th character, the gap before it filled with placeholders X."""
    bare = base.replace(".", "").ljust(_BASE_LENGTH, "X")
    return f"{bare[:3]}.{bare[3:]}{char}"


def _allowed(bare: str, extensions: Extensions) -> Extensions:
    # S06 says so only in a note in words: a loss of consciousness that ended in death (6th
    # character 7 or 8) has neither a subsequent encounter nor a sequela.
    if bare.startswith("S06") and len(bare) == _BASE_LENGTH and bare[-1] in "78":
        return tuple(pair for pair in extensions if pair[0] not in "DS")
    return extensions
