"""ICD-10-CM as a value: releases, codes, notes, index, 7th characters, search terms.

`load(cache_dir)` gives the `Taxonomy` of FY2026, compiled from the official XML that the package
simple-icd-10-cm carries (its digest is checked) and kept in the cache folder. It answers from
memory, never changes, and knows nothing of charts, files or windows. Rows are numbered as in the
official order file, and every range and comparison runs in that tabular order, never in the
order of letters. Notes keep their words, their node and their number, so that a finding can
quote them; what a note points to is `Taxonomy.targets(note)`, and a note that no machine can
read says why. `Encoder` finds codes by words, by code and by the index, gives the page of a code
and walks the index. Errors are `TaxonomyError`.

`releases(cache_dir, library_dir)` gives all releases, built in and imported, and which is in force
on a day; what was imported beside a list (index, tables, POA list, code edits) are its
`Supplements`. Importing is `taxonomy.importing`.
"""

from taxonomy.classification import Taxonomy
from taxonomy.encoder import Encoder
from taxonomy.index import Followed, Index, IndexEntry, IndexPath, IndexSource
from taxonomy.indexbook import IndexBook
from taxonomy.library import Library
from taxonomy.loading import load
from taxonomy.model import (
    NOTE_KINDS,
    POINTING_KINDS,
    Code,
    Excludes1,
    Release,
    Superseded,
    TabularNote,
    Targets,
    TaxonomyError,
    Term,
    UnknownCodeError,
)
from taxonomy.page import CodePage, Link, PageNote, Seventh, Step, Target
from taxonomy.releases import ReleaseFacts, Releases, releases
from taxonomy.search import CodeSearch, Hit
from taxonomy.supplements import Supplements
from taxonomy.walk import IndexLine, Lead, LineCode, LineRef
from taxonomy.words import fold, stem

__all__ = [
    "NOTE_KINDS",
    "POINTING_KINDS",
    "Code",
    "CodePage",
    "CodeSearch",
    "Encoder",
    "Excludes1",
    "Followed",
    "Hit",
    "Index",
    "IndexBook",
    "IndexEntry",
    "IndexLine",
    "IndexPath",
    "IndexSource",
    "Lead",
    "Library",
    "LineCode",
    "LineRef",
    "Link",
    "PageNote",
    "Release",
    "ReleaseFacts",
    "Releases",
    "Seventh",
    "Step",
    "Superseded",
    "Supplements",
    "TabularNote",
    "Target",
    "Targets",
    "Taxonomy",
    "TaxonomyError",
    "Term",
    "UnknownCodeError",
    "fold",
    "load",
    "releases",
    "stem",
]
