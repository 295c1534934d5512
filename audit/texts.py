"""The texts an event refers to, opened for one person to read."""

from collections.abc import Mapping

from audit import blobs
from audit.door import Door
from audit.events import parse
from audit.model import AuditEvent


def texts_of(door: Door, event: AuditEvent) -> Mapping[str, str]:
    """Return by commitment the texts of an event; one that was destroyed is not among them."""
    refs = parse(event).refs()
    if not refs:
        return {}
    with door.reading() as connection:
        return blobs.get(connection, refs)
