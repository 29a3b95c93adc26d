"""From files to a store: read each once, decide whose it is, keep everything.

    intake = take_in(store, [Path("export")], patient=None)
    intake.sources, intake.facts, intake.rejected, intake.quarantined

Whose it is: `osler.readers.placing`. What one file says: `osler.readers.parse`. A large file is
written a thousand sources at a time; one that is read again completes what was interrupted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.errors import BrokenFile, InputError, SourceAltered, WrongUse
from osler.readers.deidentify import Deidentifier
from osler.readers.files import File, find_files
from osler.readers.intake_counts import Intake
from osler.readers.parse import Parsed, Parser, people_of_exports
from osler.readers.placing import place, sole_patient
from osler.readers.reading import Flow, Item, Reading
from osler.record.patient import Identifier
from osler.record.source import Source
from osler.record.store import Act, Delivery, Store

__all__ = ["Parse", "Progress", "one_by_one", "take_in"]

_AT_ONCE = 1000  # sources of a large file in one transaction
_BYTES_AT_ONCE = 32 << 20

Progress = Callable[[str], None]
Parse = Callable[[Parser, Sequence[File], Mapping[str, Identifier], Progress], Iterator[Parsed]]
"""How files are parsed: one after the other, or elsewhere (`osler.readers.on_ray`)."""


def one_by_one(
    parser: Parser, files: Sequence[File], people: Mapping[str, Identifier], progress: Progress
) -> Iterator[Parsed]:
    """Each file in this process, in order."""
    for file in files:
        progress(file.name)
        yield parser.parse(file, people)


def take_in(
    store: Store,
    paths: Sequence[Path],
    *,
    patient: Identifier | None = None,
    kind: str | None = None,
    zone: str = "UTC",
    deidentifier: Deidentifier | None = None,
    parse: Parse = one_by_one,
    progress: Progress = lambda name: None,
) -> Intake:
    """Read every file below `paths` into the store.

    Raises `NotFound` for a path that is not there and `WrongUse` when there is nothing to read;
    a file that is damaged or unknown is kept whole and listed, never raised.
    """
    files = _files(paths, patient)
    parser = Parser(kind=kind, zone=zone, deidentifier=deidentifier)
    parser.learn_people(files)
    intake = Intake()
    people = people_of_exports(files, deidentifier)
    try:
        for parsed in parse(parser, files, people, progress):
            try:
                _Taking(store, parsed, deidentifier, intake).take()
            except SourceAltered as error:  # somebody writes to it: the next reading takes it
                intake.reject(parsed.file.name, str(error))
    finally:
        parser.close()
    if deidentifier is not None:
        deidentifier.keep_mapping()
    return intake


def _files(paths: Sequence[Path], patient: Identifier | None) -> list[File]:
    found = {file.path.resolve(): file for path in paths for file in find_files(path, patient)}
    # `osler read folder/*` names sidecars and signal files too: they belong to their owner.
    owned = {extra.resolve() for file in found.values() for extra in file.extras}
    files = [file for path, file in found.items() if path not in owned]
    if not files:
        named = ", ".join(str(path) for path in paths)
        raise WrongUse(f"nothing to read in {named}: no file there (hidden files do not count)")
    return files


@dataclass(slots=True)
class _Taking:
    """One file on its way into the store."""

    store: Store
    parsed: Parsed
    deidentifier: Deidentifier | None
    intake: Intake

    @property
    def name(self) -> str:
        """The file's name as it may be kept."""
        name = self.parsed.file.name
        return self.deidentifier.name(name) if self.deidentifier else name

    @property
    def folder(self) -> Identifier | None:
        """Whom the folder or the operator says it is."""
        whose = self.parsed.file.patient
        if whose is None or self.deidentifier is None:
            return whose
        return self.deidentifier.pseudonym(whose)

    def take(self) -> None:
        """Write what was read, or keep what was not."""
        match self.parsed.reading:
            case Reading() as reading:
                with self.store.writing() as act:
                    self._take_reading(act, reading)
            case Flow() as flow:
                self._take_flow(flow)
            case None:
                self._reject()

    def _take_reading(self, act: Act, reading: Reading) -> None:
        delivery = act.deliver(self.name, self._content()) if reading.container else None
        alone = sole_patient(item.patient for item in reading.items)
        act.expect((item.source, item.facts) for item in reading.items)
        owners = [self._add(act, item, delivery, alone) for item in reading.items]
        self._keep_sidecar(act, sole_patient(owners))

    def _take_flow(self, flow: Flow) -> None:
        """A thousand sources a transaction: what came before damage, or a crash, stands."""
        delivery: Delivery | None = None
        owners: set[Identifier | None] = set()
        if flow.container:
            with self.store.writing() as act:
                delivery = act.deliver(self.name, self.parsed.file.path)
        damage: list[InputError] = []
        items = _until_damage(flow.items, damage)
        while batch := _next_batch(items):
            with self.store.writing() as act:
                act.expect((item.source, item.facts) for item in batch)
                owners |= {self._add(act, item, delivery, None) for item in batch}
        with self.store.writing() as act:
            self._keep_sidecar(act, sole_patient(owners))
        if damage and delivery is None:
            self._keep_whole(damage[0])
        for error in damage:
            self.intake.reject(self.name, f"read in part only: {error}")

    def _add(
        self, act: Act, item: Item, delivery: Delivery | None, alone: Identifier | None
    ) -> Identifier | None:
        if item.source.kind == "opaque":
            whose = item.patient or self.parsed.word or self.folder
            added = act.add(item.source, item.file or item.data, (), patient=whose,
                            delivery=delivery, trouble=item.trouble)  # fmt: skip
            self.intake.note(added)
            self.intake.reject(item.source.name, item.trouble or "not understood")
            return None
        placed = place(item, folder=self.folder, word=self.parsed.word, alone=alone)
        added = act.add(
            placed.item.source,
            item.file or item.data,
            placed.item.facts,
            patient=placed.item.patient,
            delivery=delivery,
            trouble=placed.item.trouble,
            disputed=placed.disputed,
            also=placed.also,
        )
        # A message that waits for a person merges nobody either.
        for link in item.links if added.new and placed.item.patient else ():
            join = act.unmerge if link.undone else act.merge
            join(link.kept, link.merged, f"{item.source.kind} {item.source.name}")
        self.intake.count(placed.item, added, placed.disputed)
        return placed.item.patient

    def _reject(self) -> None:
        error = self.parsed.error
        if error is None:
            return
        self.intake.reject(self.name, str(error))
        if not self.parsed.unreadable:
            self._keep_whole(error)

    def _keep_whole(self, error: InputError) -> None:
        """Nothing is lost: the bytes stay as they are, with the reason beside them."""
        with self.store.writing() as act:
            source = (
                Source.of(self.parsed.data, kind="opaque", name=self.name)
                if self.parsed.data is not None
                else Source.of_file(self.parsed.file.path, kind="opaque", name=self.name)
            )
            added = act.add(
                source,
                self._content(),
                (),
                patient=self.parsed.word or self.folder,
                trouble=str(error),
            )
            self.intake.note(added)
            extras = {**self.parsed.companions}
            if self.parsed.sidecar:
                extras[f"{self.name}.json"] = self.parsed.sidecar
            for name, data in extras.items():
                why = f"belongs to {self.name}, which was not understood"
                extra = Source.of(data, kind="opaque", name=name)
                act.add(extra, data, (), patient=self.parsed.word or self.folder, trouble=why)

    def _keep_sidecar(self, act: Act, owner: Identifier | None) -> None:
        """The declaration itself is kept beside what it is about, so that it can be looked up."""
        data = self.parsed.sidecar
        if data:
            made = Source.of(
                data, kind="sidecar", name=f"{self.name}.json", media_type="application/json"
            )
            act.add(made, data, (), patient=owner)

    def _content(self) -> bytes | Path:
        return self.parsed.file.path if self.parsed.data is None else self.parsed.data


def _next_batch(items: Iterator[Item]) -> list[Item]:
    """As many sources as fit one transaction, by number and by bytes."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.data)
        if len(batch) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            break
    return batch


def _until_damage(items: Iterable[Item], damage: list[InputError]) -> Iterator[Item]:
    """The items up to where a reader gives up; why it did is put on `damage`."""
    try:
        yield from items
    except InputError as error:
        damage.append(error)
    except OSError as error:
        damage.append(BrokenFile(f"it could not be read on ({error.strerror})"))
