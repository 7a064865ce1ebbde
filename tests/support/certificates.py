"""A certificate for the web servers of the tests, made once in each process, and trusted by its clients alone."""

import datetime as dt
import ipaddress
import socket
import ssl
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "private.localhost")


@cache
def certificate() -> tuple[str, str]:
    """Return a self-signed certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    now = dt.datetime.now(dt.UTC)
    names = [*map(x509.DNSName, NAMES), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write both into a folder, and return the paths of certificate and key."""
    paths = (folder / "certificate.pem", folder / "key.pem")
    for path, text in zip(paths, certificate(), strict=True):
        path.write_text(text)
    return paths


@cache
def context() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate()[0])


def tls(connection: socket.socket, *, host: str) -> ssl.SSLSocket:
    """Return a connection with TLS to a web server with this certificate."""
    return context().wrap_socket(connection, server_hostname=host)
