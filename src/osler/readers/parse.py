"""One file to what it says, without touching any store: the part of reading that can run anywhere.

    parsed = Parser(kind=None, zone="UTC").parse(file, people)
    parsed.reading      a Reading, a Flow, or None where parsed.error says why not

Native decoders run in a process of their own (`osler.readers.worker`), so that a file that crashes
one is a single reject.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from osler.errors import BrokenFile, InputError
from osler.readers.deidentify import Deidentifier
from osler.readers.deidentify_people import People
from osler.readers.deidentify_rewrite import people_of, rewritten, rewritten_sidecar
from osler.readers.files import File
from osler.readers.ndjson import people_in
from osler.readers.on_disk import on_disk
from osler.readers.reading import Context, Flow, Reading
from osler.readers.recognise import HEAD_BYTES, format_of, module_of
from osler.readers.sidecar import parse_sidecar
from osler.readers.worker import Worker
from osler.record.moment import utc_now
from osler.record.patient import Identifier

__all__ = ["IN_MEMORY_BYTES", "Parsed", "Parser", "people_of_exports"]

IN_MEMORY_BYTES = 1 << 28
"""The largest file that is read whole; larger ones need a format that is read in parts."""

_NATIVE = {"dicom", "image", "pdf", "slide", "tiff", "video"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one file said, or why it said nothing.

    `data` is the file as it goes into the store (None: the file itself, from its path), `word` a
    sidecar's word on whose it is, `companions` and `sidecar` the other files that were read with
    it. Of one that is `unreadable` nothing may be kept.
    """

    file: File
    reading: Reading | Flow | None = None
    error: InputError | None = None
    data: bytes | None = None
    word: Identifier | None = None
    companions: Mapping[str, bytes] = field(default_factory=dict)
    sidecar: bytes | None = None
    unreadable: bool = False


@dataclass(slots=True, kw_only=True)
class Parser:
    """How files are to be read; `deidentifier` rewrites each before anything else sees it."""

    kind: str | None = None
    zone: str = "UTC"
    deidentifier: Deidentifier | None = None
    known: People = field(default_factory=People)
    _worker: Worker | None = field(default=None, repr=False)

    def alike(self) -> "Parser":
        """A parser that reads the same way, with no process of its own yet: one to send away."""
        return replace(self, _worker=None)

    def close(self) -> None:
        """End the decoders' process, if one was needed."""
        if self._worker is not None:
            self._worker.close()

    def learn_people(self, files: Iterable[File]) -> None:
        """Whom the delivery names, so that their names are found in its notes too."""
        if self.deidentifier is None:
            return
        for file in files:
            with suppress(OSError):  # one that cannot be opened is listed when it is its turn
                if not file.outside and file.path.stat().st_size <= IN_MEMORY_BYTES:
                    self.known |= people_of(file.path.read_bytes(), file.name)

    def parse(self, file: File, people: Mapping[str, Identifier]) -> Parsed:
        """Read one file; damage and unknown formats are in `error`, never raised."""
        if file.outside:
            why = (
                "a link to a file outside the folder: nothing of it was read; name the file itself"
            )
            return Parsed(file=file, error=BrokenFile(why), unreadable=True)
        try:
            return self._parse(file, people)
        except OSError as error:
            why = f"cannot be opened ({error.strerror}): nothing of it was read"
            return Parsed(file=file, error=BrokenFile(why), unreadable=True)

    def _parse(self, file: File, people: Mapping[str, Identifier]) -> Parsed:
        companions = {p.name: p.read_bytes() for p in file.companions}
        sidecar = file.sidecar.read_bytes() if file.sidecar else None
        data: bytes | None = None
        word: Identifier | None = None
        try:
            if self.deidentifier is not None:
                data, companions, sidecar = self._rewritten(file, self.deidentifier)
            declared = parse_sidecar(sidecar, f"{file.name}.json") if sidecar else {}
            said = declared.get("patient")
            word = Identifier.parse(said) if isinstance(said, str) else None
            context = Context(
                name=file.name if self.deidentifier is None else self.deidentifier.name(file.name),
                now=utc_now(),
                zone=self.zone,
                kind=self.kind,
                declared=declared,
                companions=companions,
                people=people,
            )
            reading, data = self._read(file.path, data, context)
        except InputError as error:
            return Parsed(
                file=file, error=error, data=data, word=word, companions=companions,
                sidecar=sidecar,
                unreadable=self.deidentifier is not None,
            )  # fmt: skip
        return Parsed(
            file=file,
            reading=reading,
            data=data,
            word=word,
            companions=companions,
            sidecar=sidecar,
        )

    def _read(
        self, path: Path, data: bytes | None, context: Context
    ) -> tuple[Reading | Flow, bytes | None]:
        """What the file says, and its bytes where they were read whole."""
        head = _head(path) if data is None else data[:HEAD_BYTES]
        name = format_of(head, context)
        module = module_of(name, context)
        if data is not None:
            return module.read(data, context), data
        if name in _NATIVE:
            self._worker = self._worker or Worker()
            return self._worker.read(name, path, context), None
        if hasattr(module, "read_file"):
            return module.read_file(path, context), None
        data = _whole(path, module, context)
        return module.read(data, context), data

    def _rewritten(
        self, file: File, deidentifier: Deidentifier
    ) -> tuple[bytes, dict[str, bytes], bytes | None]:
        """File, companions and sidecar without identity."""
        if file.path.stat().st_size > IN_MEMORY_BYTES:
            raise BrokenFile(f"{file.name}: too large to be rewritten whole: not read")
        whose = file.patient
        sidecar = None
        if file.sidecar:
            stated = file.sidecar.read_bytes()
            said = parse_sidecar(stated, f"{file.name}.json").get("patient")
            whose = Identifier.parse(said) if isinstance(said, str) else whose
            sidecar = rewritten_sidecar(stated, file.name, deidentifier, whose)
        data = rewritten(file.path.read_bytes(), file.name, deidentifier, self.known, whose)
        # Signal files hold samples alone; what says who somebody is stands in the header.
        return data, {p.name: p.read_bytes() for p in file.companions}, sidecar


def people_of_exports(
    files: Iterable[File], deidentifier: Deidentifier | None = None
) -> Mapping[str, Identifier]:
    """The patients that the NDJSON files of one delivery name; a reference to two names neither."""
    people: dict[str, Identifier] = {}
    twice: set[str] = set()
    for file in files:
        for reference, who in _people_of(file, deidentifier).items():
            if people.setdefault(reference, who) != who:
                twice.add(reference)
    return {reference: who for reference, who in people.items() if reference not in twice}


def _people_of(file: File, deidentifier: Deidentifier | None) -> Mapping[str, Identifier]:
    """Of one file, if it is an export; one that cannot be read is listed when it is its turn."""
    try:
        context = Context(name=file.name, now=utc_now())
        if file.outside or format_of(_head(file.path), context) != "ndjson":
            return {}
        if deidentifier is None:
            return people_in(file.path)
        if file.path.stat().st_size > IN_MEMORY_BYTES:
            return {}
        clean = rewritten(file.path.read_bytes(), file.name, deidentifier, People(), file.patient)
        with on_disk(clean) as path:
            return people_in(path)
    except (InputError, OSError):
        return {}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _whole(path: Path, module: ModuleType, context: Context) -> bytes:
    size = path.stat().st_size
    if size > IN_MEMORY_BYTES:
        kind = module.__name__.rpartition(".")[2]
        raise BrokenFile(
            f"{context.name}: {size} bytes of {kind} are more than the {IN_MEMORY_BYTES} that are "
            "read whole; split it. It is kept whole"
        )
    return path.read_bytes()
