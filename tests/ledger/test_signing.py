"""Keys: their files, who may read them, and what they refuse."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from osler.errors import IntegrityError, NotFound, SignatureInvalid, StoreError, WrongUse
from osler.ledger import PublicKey, SigningKey

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def test_the_key_survives_on_disk_and_its_public_half_verifies(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger"
    made, again = SigningKey.load_or_create(path), SigningKey.load_or_create(path)
    assert made.public == again.public
    public = PublicKey.load(path.with_name("ledger.pub"))
    public.verify(again.sign(b"line"), b"line")
    assert public == PublicKey.from_bytes(public.raw)
    assert len({public, made.public}) == 1
    assert public.key_id == made.key_id
    assert len(public.key_id) == 16
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["ledger", "ledger.pub"]


@posix
def test_only_its_owner_can_read_the_private_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger"
    SigningKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@posix
def test_a_key_that_others_could_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    SigningKey.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(WrongUse, match=r"0640.*chmod 600"):
        SigningKey.load_or_create(path)


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: SigningKey.load_or_create(path), range(16)))
    assert len({key.public for key in keys}) == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_a_lost_public_key_is_written_again(tmp_path: Path) -> None:
    key = SigningKey.load_or_create(tmp_path / "ledger")
    (tmp_path / "ledger.pub").unlink()
    SigningKey.load_or_create(tmp_path / "ledger")
    assert PublicKey.load(tmp_path / "ledger.pub") == key.public


def test_a_replaced_public_key_is_noticed(tmp_path: Path) -> None:
    SigningKey.load_or_create(tmp_path / "ledger")
    (tmp_path / "ledger.pub").write_bytes(SigningKey.generate().public.pem())
    with pytest.raises(IntegrityError, match="was replaced"):
        SigningKey.load_or_create(tmp_path / "ledger")


def test_a_wrong_signature_names_the_key() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    for signature, data in ((other.sign(b"a"), b"a"), (key.sign(b"a"), b"b"), (b"", b"a")):
        with pytest.raises(SignatureInvalid, match=key.key_id):
            key.public.verify(signature, data)


def test_files_that_hold_no_ed25519_key_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(NotFound, match="no public key"):
        PublicKey.load(path)
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(WrongUse, match="not a PEM public key"):
        PublicKey.load(path)
    with pytest.raises(WrongUse, match="not an unencrypted PEM private key"):
        SigningKey.load_or_create(path)
    curve = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        curve.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(WrongUse, match="not an Ed25519 one"):
        SigningKey.load_or_create(path)
    path.write_bytes(
        curve.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    with pytest.raises(WrongUse, match="not an Ed25519 one"):
        PublicKey.load(path)
    with pytest.raises(WrongUse, match="32 bytes"):
        PublicKey.from_bytes(b"short")


def test_a_folder_that_is_a_file_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(StoreError, match="cannot be read or written"):
        SigningKey.load_or_create(tmp_path / "keys" / "ledger")


def test_the_private_key_does_not_show_itself() -> None:
    key = SigningKey.generate()
    assert repr(key) == f"SigningKey({key.key_id})"
    assert repr(key.public) == f"PublicKey({key.key_id})"


def test_a_signed_note_of_another_program_verifies() -> None:
    # The example of Go's golang.org/x/mod/sumdb/note package.
    encoded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    public = PublicKey.from_bytes(encoded[1:])
    assert public.note_id("PeterNeumann") == "c74f20a3" == signature[:4].hex()
    public.verify(signature[4:], text.encode())
