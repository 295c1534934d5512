"""From what a person names, a folder or an address, to the home of a store."""

from pathlib import Path

from audit.place import Folder
from audit.site import Site

Where = Path
"""What names a store: a folder."""


def site_of(where: Where) -> Site:
    """Return the home a store has, or is to have."""
    return Folder(where)
