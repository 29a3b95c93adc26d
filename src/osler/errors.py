"""Every error that Osler raises on purpose, in one tree.

A message says what happened, where (file, resource, tag, line) and what to do next::

    OslerError                      anything Osler raises on purpose
    |-- WrongUse                    the request cannot be carried out as asked (exit code 2)
    |   |-- NotFound                no such patient, path, specialty or entry
    |-- InputError                  something received could not be understood: one reject
    |   |-- UnknownFormat           no reader recognises the bytes; kept whole as opaque
    |   |-- BrokenFile              a known format, but damaged
    |   |-- Undeclared              the file leaves out what must be known (a VCF's genome build)
    |   |-- NotAssessable           sound, but nothing that this model could judge: noise, too small
    |-- StoreError                  the store cannot be read or written
    |   |-- StoreReadOnly           no permission to write
    |   |-- StoreBusy               another process holds it
    |   |-- StoreVersion            made by a newer Osler
    |-- IntegrityError              something is not what it was
    |   |-- SourceAltered           a stored source no longer has its digest
    |   |-- LedgerAltered           a ledger line, proof or checkpoint does not hold
    |   |-- SignatureInvalid        a signature does not verify
    |   |-- ModelAltered            weights, adapter or calibrator no longer have their digest
    |-- WeightsMissing              the open weights are not installed or not set up
    |-- KnowledgeError              a knowledge file is in the wrong form
    |-- LearnError                  training cannot start or go on: data, labels, loss
"""

__all__ = [
    "BrokenFile",
    "InputError",
    "IntegrityError",
    "KnowledgeError",
    "LearnError",
    "LedgerAltered",
    "ModelAltered",
    "NotAssessable",
    "NotFound",
    "OslerError",
    "SignatureInvalid",
    "SourceAltered",
    "StoreBusy",
    "StoreError",
    "StoreReadOnly",
    "StoreVersion",
    "Undeclared",
    "UnknownFormat",
    "WeightsMissing",
    "WrongUse",
]


class OslerError(Exception):
    """Anything Osler raises on purpose; its text is written for the person at the keyboard."""


class WrongUse(OslerError):
    """The request cannot be carried out as asked."""


class NotFound(WrongUse):
    """No such patient, path, specialty or entry."""


class InputError(OslerError):
    """Something received could not be understood: it is kept whole and listed as a reject."""


class UnknownFormat(InputError):
    """No reader recognises the bytes."""


class BrokenFile(InputError):
    """A known format, but damaged."""


class Undeclared(InputError):
    """The file leaves out what must be known before it can be used."""


class NotAssessable(InputError):
    """A sound file with nothing in it that the model in question could judge."""


class StoreError(OslerError):
    """The store cannot be read or written."""


class StoreReadOnly(StoreError):
    """No permission to write to the store."""


class StoreBusy(StoreError):
    """Another process holds the store."""


class StoreVersion(StoreError):
    """The store was made by a newer Osler."""


class IntegrityError(OslerError):
    """Something is not what it was."""


class SourceAltered(IntegrityError):
    """A stored source no longer has its digest."""


class LedgerAltered(IntegrityError):
    """A ledger line, proof or checkpoint does not hold."""


class SignatureInvalid(IntegrityError):
    """A signature does not verify."""


class ModelAltered(IntegrityError):
    """Weights, adapter or calibrator no longer have their digest."""


class WeightsMissing(OslerError):
    """The open weights are not installed or not set up."""


class KnowledgeError(OslerError):
    """A knowledge file is in the wrong form."""


class LearnError(OslerError):
    """Training cannot start or go on."""
