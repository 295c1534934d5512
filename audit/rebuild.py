"""The worklist made anew from the events alone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from audit import blobs, log
from audit.case import reveal
from audit.cipher import Cipher, cipher_of
from audit.review import Review, project
from audit.tables import CaseRecord, EventRow
from audit.worklist import row_values, sealed_name, sealed_words


def row_of(review: Review, texts: Mapping[str, str], cipher: Cipher) -> dict[str, Any]:
    """Return the worklist row of a case as its events and their texts give it, names sealed."""
    encounter = reveal(review, {} if review.disposed else texts).encounter
    return row_values(review) | {
        "case_id": review.case_id,
        "encounter_id": sealed_name(cipher, encounter.encounter_id),
        "words": sealed_words(cipher, review.case_id, encounter),
    }


def rebuild(connection: Connection) -> int:
    """Write the row of every case anew, inside the caller's transaction; return how many."""
    connection.execute(delete(CaseRecord))
    cases = select(col(EventRow.case_id)).where(col(EventRow.case_id).is_not(None)).distinct()
    found = [str(case_id) for (case_id,) in connection.execute(cases)]
    for case_id in found:
        review = project(log.read(connection, case_id=case_id), case_id=case_id)
        row = row_of(review, blobs.get(connection, review.refs()), cipher_of(connection))
        connection.execute(insert(CaseRecord), row)
    return len(found)


def strays(connection: Connection, case_id: str) -> tuple[str, ...]:
    """Return the columns of a case's row that are not what its events give."""
    review = project(log.read(connection, case_id=case_id), case_id=case_id)
    wanted = row_of(review, blobs.get(connection, review.refs()), cipher_of(connection))
    columns = [getattr(CaseRecord, name) for name in wanted]
    query = select(*columns).where(col(CaseRecord.case_id) == case_id)
    row = connection.execute(query).mappings().first()
    return tuple(name for name, value in wanted.items() if row is None or row[name] != value)
