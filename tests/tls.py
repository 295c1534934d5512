"""A server of the tests that asks for TLS and passwords, with an authority made on the spot."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from audit.address import Address
from tests.postgres import PostgresServer, Team, fast, installed, serving


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of its own, known to nobody."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str) -> "Authority":
        """Make one that is valid around today."""
        key = ec.generate_private_key(ec.SECP256R1())
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            _builder(name, name, key)
            .add_extension(constraint, critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    @property
    def pem(self) -> bytes:
        """Return what a client is given to know it by."""
        return self.certificate.public_bytes(Encoding.PEM)

    def vouch(self, host: str) -> tuple[bytes, bytes]:
        """Return certificate and key, both in PEM, of a server that is called so."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = (
            _builder(host, "", key)
            .issuer_name(self.certificate.subject)
            .add_extension(names, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return certificate.public_bytes(Encoding.PEM), private


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    return made.issuer_name(_named(issuer)) if issuer else made


PASSWORD = "HUSH:@/HUSH"
HBA = b"local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Guarded:
    """The server, a store on it, and the authority that signed its certificate."""

    server: PostgresServer
    team: Team
    authority: Path

    def address(self, *, password: str = "", host: str = "localhost", **query: str) -> Address:
        login = f"ada:{quote(password, safe='')}" if password else "ada"
        options = {"sslmode": "verify-full", "sslrootcert": str(self.authority)} | query
        told = "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
        return Address.parse(
            f"postgresql://{login}@{host}:{self.server.port}/{self.team.name}?{told}"
        )


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Start the server; it takes nobody over the loopback without TLS and a password."""
    authority = Authority.make("Chartproof Test Authority")
    certificate, key = authority.vouch("localhost")
    known = tmp_path_factory.mktemp("tls") / "authority.crt"
    known.write_bytes(authority.pem)
    files = {"server.crt": certificate, "server.key": key, "pg_hba.conf": HBA}
    with serving(
        installed(),
        fast(),
        files=files,
        port=free_port(),
        options="-c ssl=on -c password_encryption=scram-sha-256",
    ) as server:
        server.sql(f"alter role ada password '{PASSWORD}'")
        yield Guarded(server, server.database(), known)
