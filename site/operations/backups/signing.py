"""Signatures of backups: who has only the public key of the encryption cannot make one.

Ed25519 over `contents.json`, which has the SHA-256 of every other member.
The private key is known to the process that makes backups only; the public one is kept with the private key of the
encryption, away from the server, and is never taken from a backup.
Both are one line of Base64, as OpenSSL writes them: docs/operators/backups.md.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from operations.backups import BackupError

SIGNER = (
    "--signer takes the public key that backups of this site are signed with, one line that begins with MCowBQYDK2Vw: "
    "docs/operators/backups.md says how to make it. Nothing was changed."
)
WITHOUT = (
    "If you know by other means that it is yours, such as an old backup that was never out of your hands, "
    "pass --unsigned. Nothing was changed."
)


def sign(content: bytes, key: str) -> bytes:
    """Return the signature of these bytes, 64 bytes, by a private key as WAYMARK_BACKUP_SIGNING_KEY has it."""
    private = load_der_private_key(b64decode(key), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise BackupError("WAYMARK_BACKUP_SIGNING_KEY is no key of Ed25519. No backup was made.")
    return private.sign(content)


def signers(keys: Iterable[str]) -> list[Ed25519PublicKey]:
    """Return the public keys in these lines.

    Raises BackupError for a line that is none.
    """
    found = []
    for key in keys:
        try:
            public = load_der_public_key(b64decode(key.strip(), validate=True))
        except (binascii.Error, ValueError):
            raise BackupError(SIGNER) from None
        if not isinstance(public, Ed25519PublicKey):
            raise BackupError(SIGNER)
        found.append(public)
    return found


def require_signature(content: bytes, signature: bytes, keys: Iterable[str]) -> None:
    """Raise BackupError unless one of the public keys has signed these bytes.

    `signature` is empty if there is none.
    """
    known = signers(keys)
    if not known:
        raise BackupError(
            "It is not known who made this backup: anyone can encrypt one. "
            f"Pass --signer with the public key that backups of this site are signed with. {WITHOUT}"
        )
    if not signature:
        raise BackupError(f"The backup is not signed. Take another one. {WITHOUT}")
    for signer in known:
        try:
            signer.verify(signature, content)
        except InvalidSignature:
            continue
        return
    raise BackupError(
        "The backup is signed with another key than that of --signer, so this site did not make it, "
        f"or it was made before the key was changed: then pass the earlier key. {WITHOUT}"
    )
