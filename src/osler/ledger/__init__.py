"""The tamper-evident log: what ran, on what, with what right to be believed.

    from osler.ledger import Checkpoint, Log, PublicKey, SigningKey

It knows nothing of medicine. Lines are leaves of an RFC 6962 / RFC 9162 Merkle tree, its heads
are signed with Ed25519, and both live in the store's own SQLite database and transaction.
"""

from osler.ledger.audit import Audit
from osler.ledger.checkpoint import Checkpoint
from osler.ledger.entry import JSON, Entry
from osler.ledger.log import Log
from osler.ledger.signing import PublicKey, SigningKey

__all__ = ["JSON", "Audit", "Checkpoint", "Entry", "Log", "PublicKey", "SigningKey"]
