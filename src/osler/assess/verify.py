"""Is it still what it was? Every digest, proof and locator of a dossier, and the whole run again.

    checks = verify_dossier(folder, store, public_key)
    all(one.holds for one in checks)

The checks are named for what they find altered: `ledger`, `report`, `sources`, `facts`,
`evidence`, `models`, `knowledge`, `replay`. Tamper evidence reaches back to the checkpoint in
`proof.json` and no further: keep a copy of it where nobody who can write to the store can reach.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from osler.assess.assessor import Assessor
from osler.assess.checks import Check, check, facts_hold, rows_hold
from osler.assess.dossier import ASSESSMENT, PROOF, REPORT, render
from osler.errors import IntegrityError, LedgerAltered, NotFound
from osler.judge.number import Site
from osler.judge.specialty import installed
from osler.ledger.checkpoint import Checkpoint
from osler.ledger.entry import Entry
from osler.ledger.merkle import verify_inclusion
from osler.ledger.signing import PublicKey
from osler.readers.resolve import content_of, show
from osler.record.locator import from_json
from osler.record.patient import Identifier
from osler.record.source import digest_of
from osler.record.store import Store

__all__ = ["verify_dossier"]

_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dossier:
    """A dossier read from disk, as untrusted as any file."""

    assessment: bytes
    report: bytes
    said: Mapping[str, Any]
    line: int
    entry: Entry
    inclusion: list[bytes]
    checkpoint: Checkpoint


def verify_dossier(folder: Path, store: Store, public: PublicKey) -> list[Check]:
    """Every check, in an order in which a later one rests on the earlier ones."""
    try:
        dossier = _read(folder)
    except LedgerAltered as error:
        return [Check(name="ledger", holds=False, says=f"{PROOF}: {error}")]
    except IntegrityError as error:
        return [Check(name="report", holds=False, says=str(error))]
    bound = [
        check("ledger", lambda: _ledger(dossier, store, public)),
        check("report", lambda: _report(dossier)),
    ]
    if not bound[1].holds:
        why = f"not tried: {ASSESSMENT} and {REPORT} say nothing that can be relied on"
        return [*bound, Check(name="replay", holds=False, says=why)]
    checks = [
        *bound,
        check("sources", lambda: _sources(dossier, store)),
        check("facts", lambda: facts_hold(store)),
        check("evidence", lambda: _evidence(dossier, store)),
        check("models", lambda: _models(dossier)),
        check("knowledge", lambda: _knowledge(dossier)),
    ]
    broken = [one.name for one in checks if not one.holds]
    if broken:
        why = f"not tried: it would only repeat what is wrong with {', '.join(broken)}"
        return [*checks, Check(name="replay", holds=False, says=why)]
    return [*checks, check("replay", lambda: _replay(dossier, store))]


def _read(folder: Path) -> _Dossier:
    if not (folder / PROOF).is_file():
        raise NotFound(f"{folder} holds no finished assessment: it has no {PROOF}")
    line, entry, inclusion, checkpoint = _proof(folder)
    try:
        assessment = (folder / ASSESSMENT).read_bytes()
        return _Dossier(
            assessment=assessment,
            report=(folder / REPORT).read_bytes(),
            said=json.loads(assessment),
            line=line,
            entry=entry,
            inclusion=inclusion,
            checkpoint=checkpoint,
        )
    except (OSError, ValueError, RecursionError) as error:
        raise IntegrityError(f"{folder}: a file was changed beyond reading ({error})") from error


def _proof(folder: Path) -> tuple[int, Entry, list[bytes], Checkpoint]:
    try:
        proof = json.loads((folder / PROOF).read_bytes())
        return (
            int(proof["line"]),
            Entry.from_json(proof["entry"].encode()),
            [bytes.fromhex(h) for h in proof["inclusion"]],
            Checkpoint.parse(proof["checkpoint"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerAltered(f"it was changed beyond reading ({error})") from error


def _ledger(dossier: _Dossier, store: Store, public: PublicKey) -> str:
    dossier.checkpoint.verify(public)
    audit = store.ledger.check(public, witnessed=dossier.checkpoint)
    audit.raise_if_broken()
    kept = store.ledger.entry(dossier.line)
    if kept.to_json() != dossier.entry.to_json():
        raise LedgerAltered(f"ledger line {dossier.line} is not the one in {PROOF}")
    if not verify_inclusion(
        dossier.entry.leaf,
        dossier.line,
        dossier.checkpoint.size,
        dossier.inclusion,
        dossier.checkpoint.root,
    ):
        raise LedgerAltered(f"{PROOF} does not prove that line {dossier.line} is in the ledger")
    return (
        f"{audit.size} lines hold; line {dossier.line} is proven in the checkpoint of "
        f"{dossier.checkpoint.size} lines"
    )


def _report(dossier: _Dossier) -> str:
    if dossier.entry.kind != "assessment":
        raise IntegrityError(f"ledger line {dossier.line} is of no assessment")
    for name, data, key in (
        (ASSESSMENT, dossier.assessment, "assessment"),
        (REPORT, dossier.report, "report"),
    ):
        logged = dossier.entry.body[key]
        if digest_of(data) != logged:
            raise IntegrityError(
                f"{name} was changed: its digest is {digest_of(data)[:12]}, the ledger has "
                f"{str(logged)[:12]}"
            )
    said = dossier.said
    return f"as logged: {ASSESSMENT} and {REPORT} of {said['patient']}, made {said['made_at']}"


def _sources(dossier: _Dossier, store: Store) -> str:
    patient = store.patient(Identifier.parse(str(dossier.said["patient"])))
    digests = list(dossier.said["provenance"]["sources"])
    names = {source.digest: source.name for source in store.sources(digests, patient)}
    for digest in digests:
        if digest not in names:
            raise IntegrityError(f"source {digest[:12]} is gone from the store")
        try:
            store.check(digest)
        except IntegrityError as error:
            raise IntegrityError(f"{names[digest]}: {error}") from error
    keyed = [store.keyed_digest(patient, digest) for digest in digests]
    if keyed != dossier.entry.body["sources"]:
        raise IntegrityError("the sources named in the assessment are not those in the ledger")
    rows_hold(store)
    return f"{len(digests)} sources have their digests"


def _evidence(dossier: _Dossier, store: Store) -> str:
    wanted = list(_evidences(dossier.said))
    digests = dict.fromkeys(e["source"] for e in wanted)
    sources = {s.digest: s for s in store.sources(digests)}
    for evidence in wanted:
        source = sources.get(evidence["source"])
        if source is None:
            raise IntegrityError(f"evidence points at {evidence['source'][:12]}, which is gone")
        show(content_of(store, source), source, from_json(evidence["at"]))
    return f"{len(wanted)} pieces of evidence open"


def _evidences(value: Any) -> Iterable[Mapping[str, Any]]:
    """Every object in the assessment that is a piece of evidence, wherever it stands."""
    if isinstance(value, dict):
        if value.keys() == {"source", "at"}:
            yield value
        for inner in value.values():
            yield from _evidences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _evidences(inner)


def _models(dossier: _Dossier) -> str:
    recorded = dossier.said["provenance"]["specialties"]
    here = {specialty.name: specialty.digest for specialty in installed()}
    for name, digest in recorded.items():
        if here.get(name) != digest:
            raise IntegrityError(
                f"specialty {name} is not the one that was used: its digest was {digest[:12]}, "
                f"now {here.get(name, 'none, it is not installed')[:32]}"
            )
    return f"{len(recorded)} specialties have their digests"


def _knowledge(dossier: _Dossier) -> str:
    here = Assessor.here().dated_knowledge
    for name, digest in dossier.said["provenance"]["knowledge"].items():
        if here.get(name) != digest:
            raise IntegrityError(f"the knowledge {name} is not what was used: install that version")
    return f"{' and '.join(here)} have their digests"


def _replay(dossier: _Dossier, store: Store) -> str:
    said = dossier.said
    here = Assessor.here()
    # What was installed since is not asked; that nothing was taken away is another check.
    used = tuple(s for s in here.specialties if s.name in said["provenance"]["specialties"])
    again = replace(here, specialties=used, site=_site_of(said)).assess(
        store,
        Identifier.parse(str(said["patient"])),
        made_at=datetime.fromisoformat(said["made_at"]),
        as_of=datetime.fromisoformat(said["as_of"]) if said["as_of"] else None,
        known_at=datetime.fromisoformat(said["known_at"]),
    )
    data, page = render(again, store)
    if data == dossier.assessment and page == dossier.report:
        return "assessed again: the same bytes"
    now = json.loads(data)
    if now["provenance"]["settings"] != said["provenance"]["settings"] and _alike(now, said):
        return (
            "assessed again on another processor or library: equal within "
            f"{_TOLERANCE:g}, no answer changed"
        )
    raise IntegrityError(
        "assessed again, and the result is another: the record, the code or the models "
        f"have changed in a way that no digest shows; first difference at {_difference(said, now)}"
    )


def _site_of(said: Mapping[str, Any]) -> Site:
    """The site as it was declared then: what is vouched for later changes no past number."""
    site = said["provenance"]["site"]
    return Site(name=site["name"], zone=site["zone"], populations=tuple(site["populations"]))


def _alike(one: Any, other: Any, key: str = "") -> bool:
    """Equal apart from rounding; the settings, and the digests of drawings, may differ."""
    if key in {"settings", "digest"}:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[k], other[k], k) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _TOLERANCE
    return bool(one == other)


def _difference(one: Any, other: Any, path: str = "") -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one:
            if one[key] != other.get(key):
                return _difference(one[key], other.get(key), f"{path}/{key}")
    if isinstance(one, list) and isinstance(other, list):
        for index, (a, b) in enumerate(zip(one, other, strict=False)):
            if a != b:
                return _difference(a, b, f"{path}/{index}")
    return path or "/"
