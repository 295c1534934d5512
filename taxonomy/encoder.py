"""The encoder: find a code, open its page, walk the index; for window and command line alike."""

from collections.abc import Iterable

from taxonomy.classification import Taxonomy
from taxonomy.indexbook import IndexBook
from taxonomy.model import Release, Term
from taxonomy.page import CodePage, code_page
from taxonomy.search import CodeSearch, Hit
from taxonomy.walk import IndexLine, index_line


class Encoder:
    """A release with its index, as a coder works in it.

    `book` holds what was imported of index and tables, `extra` are terms beside those of the
    release. Building reads every term and line once, which takes seconds with a whole index; all
    questions are answered from memory and may be asked on any thread.
    """

    def __init__(
        self, taxonomy: Taxonomy, extra: Iterable[Term] = (), book: IndexBook | None = None
    ) -> None:
        self._taxonomy = taxonomy
        self._book = book or IndexBook()
        self._search = CodeSearch(taxonomy, extra, self._book)

    @property
    def release(self) -> Release:
        """Return the release whose codes are found."""
        return self._taxonomy.release

    @property
    def indexes(self) -> tuple[str, ...]:
        """Return the kinds of index and table that are searched; () where none was imported."""
        return tuple(index.source.kind for index in self._book.indexes())

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return up to `limit` codes for words or part of a code, best first; see `CodeSearch`."""
        return self._search.search(text, limit=limit)

    def names_code(self, text: str) -> bool:
        """Say whether a text is a header or code of the release and nothing else."""
        return text in self._taxonomy

    def page(self, code: str) -> CodePage:
        """Return the page of a code; UnknownCodeError where the release has none such."""
        return code_page(self._taxonomy, code)

    def line(self, kind: str, number: int) -> IndexLine:
        """Return a line of an index by its kind and number; TaxonomyError where none is there."""
        return index_line(self._taxonomy, self._book, kind, number)
