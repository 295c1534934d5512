"""Where a model may be asked: decided on the address a name resolves to, when connecting.

Loopback needs no permission. Everything else needs one that a person gave for that origin, TLS,
and an address of the kind (private or public) that it had when it was given. A name that looks like
this machine and is not, or an address that wraps another, decides nothing.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from pipeline.model import PipelineError


class ChatError(PipelineError):
    """Something about the chat model's settings cannot be used; the text says what to change."""


class Fault(Exception):  # noqa: N818 - a kind of outcome, which the log names
    """An attempt came to nothing; `kind` is its id in the log and holds no word of anyone."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Network(StrEnum):
    """What kind of address it is."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    NONE = "none"


Resolve = Callable[[str, int], list[str]]
"""Host and port → numeric addresses; OSError where there is none."""

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server and the model to ask there; `network` is the kind of address that is allowed."""

    url: str
    model: str
    network: Network = Network.LOOPBACK

    @property
    def origin(self) -> str:
        """Return scheme, host and port: what a permission is given for."""
        scheme, host, port = parts(self.url)
        shown = f"[{host}]" if ":" in host else host
        default = _DEFAULT_PORTS[scheme] == port
        return f"{scheme}://{shown}" if default else f"{scheme}://{shown}:{port}"

    @property
    def remote(self) -> bool:
        """Tell whether it lies off this machine."""
        return self.network is not Network.LOOPBACK


def parts(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a base URL; ChatError where it is none we would send to."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        host, port, split = "", None, urlsplit("")
    plain = not (split.username or split.password or split.query or split.fragment)
    if split.scheme not in _DEFAULT_PORTS or not host or not plain or any(c.isspace() for c in url):
        raise ChatError(
            "The address of the chat model is no plain URL; give one like "
            "http://127.0.0.1:8080/v1, without a name, password or question mark in it."
        )
    return split.scheme, host, port or _DEFAULT_PORTS[split.scheme]


def network_of(address: str) -> Network:
    """Return what kind of address a numeric one is; one that wraps another counts as that one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return Network.NONE
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or (found.teredo or (found, found))[1]
    if found.is_loopback:
        return Network.LOOPBACK
    if found.is_unspecified or found.is_multicast or found.is_link_local:
        return Network.NONE
    if found.is_private or (found.version == _SHARED.version and found in _SHARED):
        return Network.PRIVATE
    return Network.PUBLIC if found.is_global else Network.NONE


def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host by the system's resolver; OSError where none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def looked_up(host: str, port: int, seconds: float, resolver: Resolve = resolve) -> list[str]:
    """Return the addresses of a host within some seconds; Fault where there is no answer by then.

    The system's resolver knows no deadline, so it is asked in a thread that is left behind if late.
    """
    found: list[str] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    asking = threading.Thread(target=ask, name="chartproof-resolve", daemon=True)
    asking.start()
    asking.join(max(seconds, 0.0))
    if asking.is_alive():
        raise Fault("timeout")
    if failed or not found:
        raise Fault("unresolved")
    return found


def permitted(endpoint: Endpoint, addresses: list[str]) -> str:
    """Return the address to connect to; Fault where any of them is not of the allowed kind."""
    if endpoint.remote and parts(endpoint.url)[0] != "https":
        raise Fault("not-encrypted")
    if any(network_of(address) is not endpoint.network for address in addresses):
        raise Fault("address-refused")
    return addresses[0]
