"""From the beginning of a code to its place in the tabular list."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from taxonomy.classification import Taxonomy
from taxonomy.model import Code
from taxonomy.places import normal

_CODE_START = re.compile(r"[A-Z](?=[A-Z]?[0-9])[0-9A-Z.]+")
_DOTTED_CODE = re.compile(r"[A-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,5}")
_CATEGORY = 3


class CodeStart:
    """Find the codes that begin like what is typed; `nodes` are all codes without 7th character."""

    def __init__(self, taxonomy: Taxonomy, nodes: Iterable[str]) -> None:
        self._taxonomy = taxonomy
        self._bare = sorted(node.replace(".", "") for node in nodes)

    def find(self, text: str) -> Iterator[Code]:
        """Yield the codes that begin like `text`, in tabular order; none for words.

        What is typed like a code, with its dot, and begins none leads to the nearest place above.
        """
        none = True
        for code in self._begun(text):
            none = False
            yield code
        if none and _DOTTED_CODE.fullmatch(text.strip().upper()):
            yield from self._above(text)

    def _begun(self, text: str) -> Iterator[Code]:
        """Yield the codes that begin like `text`; none for words."""
        typed = normal(text)
        if not _CODE_START.fullmatch(typed):
            return
        bare = typed.replace(".", "")
        exact = self._taxonomy.get(typed)
        if exact is not None and exact.code != exact.base:
            yield exact
            return
        low = bisect_left(self._bare, bare)
        high = bisect_left(self._bare, bare + "\U0010ffff")
        nodes = sorted(map(normal, self._bare[low:high]), key=self._taxonomy.order)
        for node in nodes or self._with_placeholder(bare):
            yield from self._with_sevenths(node, bare)

    def _above(self, text: str) -> Iterator[Code]:
        """Yield the codes at the nearest place above a code that does not exist."""
        bare = normal(text).replace(".", "")
        for size in range(len(bare) - 1, _CATEGORY - 1, -1):
            if bare[:size] in self._taxonomy:
                yield from self._begun(bare[:size])
                return

    def _with_placeholder(self, bare: str) -> list[str]:
        """Return the base of which `bare` is the beginning of a full code (S00.00X)."""
        base = self._taxonomy.get(bare.rstrip("X"))
        return [base.code] if base is not None and bare.endswith("X") else []

    def _with_sevenths(self, node: str, bare: str) -> Iterator[Code]:
        codes = (
            [node, *self._taxonomy.children(node)]
            if self._taxonomy.seventh_characters(node)
            else [node]
        )
        for code in codes:
            found = self._taxonomy.get(code)
            if found is not None and code.replace(".", "").startswith(bare):
                yield found
