"""What a release has beside its tabular list: index and tables, POA list, code edits, HCCs.

Each is read when it is first asked for, and None where it was not imported.
"""

from collections.abc import Mapping
from functools import cached_property

from taxonomy.importing import parts
from taxonomy.importing.indexfiles import CSV_HEAD, read_index_csv, read_index_xml
from taxonomy.importing.lists import (
    CodeEdits,
    HccMap,
    read_edits_json,
    read_edits_text,
    read_hcc,
    read_poa,
    read_rows,
)
from taxonomy.index import Index, IndexSource
from taxonomy.indexbook import IndexBook
from taxonomy.library import Kept


class Supplements:
    """The imported parts of one release; `elsewhere` are older releases for want of an index.

    An index or table of an older release is better than none, since each code of it is verified
    in the tabular list; its `source` says whose it is.
    """

    def __init__(self, kept: Kept | None, elsewhere: tuple[Kept, ...] = ()) -> None:
        self._kept = kept
        self._elsewhere = elsewhere

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 (hex) of each part of this release that was imported, by kind."""
        return {} if self._kept is None else {p.kind: p.sha256 for p in self._kept.manifest.parts}

    @cached_property
    def index(self) -> Index | None:
        """Return the Alphabetic Index."""
        return self._index(parts.INDEX)

    @cached_property
    def external_causes(self) -> Index | None:
        """Return the Index to External Causes."""
        return self._index(parts.EXTERNAL)

    @cached_property
    def drugs(self) -> Index | None:
        """Return the Table of Drugs and Chemicals."""
        return self._index(parts.DRUGS)

    @cached_property
    def neoplasms(self) -> Index | None:
        """Return the Table of Neoplasms."""
        return self._index(parts.NEOPLASMS)

    @cached_property
    def book(self) -> IndexBook:
        """Return index and tables as one book; what is not at hand is None in it."""
        return IndexBook(
            index=self.index,
            external_causes=self.external_causes,
            drugs=self.drugs,
            neoplasms=self.neoplasms,
        )

    @cached_property
    def poa_exempt(self) -> frozenset[str] | None:
        """Return the codes exempt from the present-on-admission indicator."""
        text = self._text(parts.POA)
        return None if text is None else frozenset(read_poa(text).orders)

    @cached_property
    def edits(self) -> CodeEdits | None:
        """Return the lists of the Medicare Code Editor."""
        text = self._text(parts.EDITS)
        if text is None:
            return None
        return read_edits_json(text) if text.lstrip().startswith("{") else read_edits_text(text)

    @cached_property
    def hcc(self) -> HccMap | None:
        """Return the map from codes to payment categories."""
        text = self._text(parts.HCC)
        return None if text is None else read_hcc(text)

    @cached_property
    def hcc_labels(self) -> Mapping[tuple[str, str], str] | None:
        """Return the label of each category, by model version ("V28") and category ("37")."""
        text = self._text(parts.HCC_LABELS)
        if text is None:
            return None
        return {(row[3], row[0].removeprefix("HCC")): row[1] for row in read_rows(text)}

    def _text(self, kind: str) -> str | None:
        if self._kept is None or self._kept.manifest.part(kind) is None:
            return None
        return _decode(self._kept.read(kind))

    def _index(self, kind: str) -> Index | None:
        for kept in (self._kept, *self._elsewhere):
            record = None if kept is None else kept.manifest.part(kind)
            if kept is None or record is None:
                continue
            data = kept.read(kind)
            columns: tuple[str, ...] = ()
            if data.removeprefix(b"\xef\xbb\xbf").startswith(CSV_HEAD.encode()):
                entries = read_index_csv(_decode(data))
            else:
                _, columns, entries = read_index_xml(data)
            source = IndexSource(
                kind=kind,
                release=kept.manifest.label,
                year=record.year,
                digest=record.sha256,
                columns=columns,
            )
            return Index(source, entries)
        return None


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")
