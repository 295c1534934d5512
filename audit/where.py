"""From what a person names, a folder or an address, to the home of a store."""

from pathlib import Path

from audit.address import SCHEMES, Address
from audit.place import Folder
from audit.postgres import Server
from audit.site import Site

Where = Path | Address
"""What names a store: a folder, or the address of a database."""


def locate(text: str) -> Where:
    """Return what a person's text names: an address where it begins like one, else a folder."""
    return Address.parse(text) if text.strip().startswith(SCHEMES) else Path(text)


def site_of(where: Where) -> Site:
    """Return the home a store has, or is to have."""
    return Server(where) if isinstance(where, Address) else Folder(where)
