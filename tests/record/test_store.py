"""The store on one machine: all of an act or none of it, and nothing lost."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from osler.errors import BrokenFile, NotFound, SourceAltered
from osler.record.codec import facts_digest
from osler.record.fact import Code, FactKind
from osler.record.moment import Moment
from osler.record.opening import look_into, open_store
from osler.record.patient import Identifier
from osler.record.sql_store import SqlStore

from .examples import ANN, BOB, fact, source

NOTE = b"Seen with cough."


def add(
    store: SqlStore,
    data: bytes = NOTE,
    patient: Identifier | None = ANN,
    kind: str = "note",
    trouble: str | None = None,
    disputed: bool = False,
    also: Identifier | None = None,
    texts: tuple[str, ...] = ("cough",),
) -> bool:
    made = source(data, kind)
    facts = [fact(text, source=made.digest) for text in texts] if kind != "opaque" else []
    with store.writing() as act:
        return act.add(
            made, data, facts, patient=patient, trouble=trouble, disputed=disputed, also=also
        ).new


def rows(store: SqlStore) -> tuple[int, int, int, int]:
    tables = ("patients", "sources", "facts", "deliveries")
    one, two, three, four = (
        next(iter(store.database.execute(f"SELECT count(*) FROM {t}")))[0] for t in tables
    )
    return one, two, three, four


def test_what_was_added_is_there_once(store: SqlStore) -> None:
    assert add(store) is True
    assert add(store) is False
    assert rows(store) == (1, 1, 1, 0)
    seen = store.record(ANN)
    assert [f.code.text for f in seen.facts] == ["cough"]
    assert seen.facts[0].received_at.tzinfo is not None
    assert store.bytes_of(seen.sources[0].digest) == NOTE
    assert seen.source(seen.sources[0].digest) == seen.sources[0]
    assert store.ledger.size == 1


def test_it_is_still_there_after_closing(where: str) -> None:
    with open_store(where) as first:
        add(first)
    with look_into(where) as second:
        assert [p.identifiers for p in second.patients()] == [(ANN,)]
        assert len(second.record(ANN).facts) == 1


def test_the_same_bytes_can_be_about_two_patients(store: SqlStore) -> None:
    assert add(store, patient=ANN)
    assert add(store, patient=BOB)
    assert rows(store) == (2, 2, 2, 0)
    assert store.record(ANN).sources == store.record(BOB).sources
    named = [entry.body["source"] for entry in store.ledger.entries("read")]
    # The ledger names a source under its patient's own key: two patients cannot be linked there.
    assert len({*named, source(NOTE).digest}) == 3


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_a_transaction_that_fails_leaves_nothing(
    store: SqlStore, kind: type[BaseException]
) -> None:
    with pytest.raises(kind), store.writing() as act:
        delivery = act.deliver("export.zip", b"whole")
        act.add(source(NOTE), NOTE, [fact()], patient=ANN, delivery=delivery)
        raise kind
    assert rows(store) == (0, 0, 0, 0)
    assert store.ledger.size == 0
    assert store.ledger.latest_checkpoint() is None
    assert add(store), "the store goes on afterwards"


def test_every_act_is_sealed_and_the_ledger_holds(store: SqlStore) -> None:
    add(store)
    add(store, b"two")
    checkpoint = store.ledger.latest_checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == 2
    with store.writing():
        pass  # nothing was done, so nothing is signed
    assert store.ledger.size == 2


def test_what_is_nobodys_waits_until_it_is_somebodys(store: SqlStore) -> None:
    add(store, patient=None)
    (held,) = store.unassigned()
    assert held.trouble == "does not say whose it is"
    assert rows(store) == (0, 1, 1, 0), "what it says is kept aside, in nobody's record"
    add(store, patient=ANN)
    assert store.unassigned() == []
    assert len(store.record(ANN).facts) == 1


def test_what_contradicts_its_folder_waits_even_where_it_is_known(store: SqlStore) -> None:
    add(store, patient=ANN)
    add(store, patient=None, trouble="a person must decide", disputed=True)
    assert [held.trouble for held in store.unassigned()] == ["a person must decide"]


def test_a_reject_is_listed_until_it_is_understood(store: SqlStore) -> None:
    add(store, kind="opaque", trouble="no reader knows it")
    assert add(store, kind="opaque", trouble="no reader knows it") is False
    assert [held.trouble for held in store.rejects()] == ["no reader knows it"]
    assert store.unassigned() == []
    assert add(store, kind="note") is True
    assert store.rejects() == []
    assert [s.kind for s in store.record(ANN).sources] == ["note"]
    assert [s.kind for s in store.sources([source(NOTE).digest])] == ["note"]
    assert add(store, kind="opaque", trouble="no reader knows it") is False
    assert dict(store.facts_digests()) == logged(store)


def test_views_in_time(store: SqlStore) -> None:
    made = source(NOTE)
    old = fact("asthma", source=made.digest, valid_from=Moment.parse("2010"))
    with store.writing() as act:
        now = act.now
        told = [replace(f, received_at=now) for f in (old, replace(old, code=Code(text="gout")))]
        told[1] = replace(told[1], valid_from=Moment.parse("2022"))
        act.add(made, NOTE, told, patient=ANN)
    then = datetime(2020, 1, 1, tzinfo=UTC)
    assert [f.code.text for f in store.record(ANN, as_of=then).facts] == ["asthma"]
    before = store.record(ANN, received_by=now - timedelta(seconds=1))
    assert (before.facts, before.sources) == ((), ())
    # The same instant, said in another zone, is the same view.
    for zone in (timezone(timedelta(hours=9)), timezone(timedelta(hours=-9))):
        after = store.record(ANN, received_by=now.astimezone(zone))
        assert (len(after.facts), len(after.sources)) == (2, 1)


def test_a_new_version_of_a_resource_supersedes_across_sources(store: SqlStore) -> None:
    for data, status, year in ((b"1", "active", "2020"), (b"2", "resolved", "2021")):
        made = source(data)
        stated = fact("asthma", source=made.digest, identity="Condition/1", status=status,
                      recorded_at=Moment.parse(year))  # fmt: skip
        with store.writing() as act:
            act.add(made, data, [replace(stated, received_at=act.now)], patient=ANN)
    assert store.record(ANN).state(FactKind.CONDITION) == []
    assert len(store.record(ANN).facts) == 2, "history keeps both"


def test_an_unknown_patient_is_named_without_naming_the_others(store: SqlStore) -> None:
    with pytest.raises(NotFound, match=r"'8823'.*knows 0"):
        store.record(Identifier.parse("8823"))
    add(store)
    with pytest.raises(NotFound, match=r"'8823'.*knows 1") as raised:
        store.record(Identifier.parse("8823"))
    assert str(ANN) not in str(raised.value)


def test_two_identifiers_of_one_person_by_the_operators_word(store: SqlStore) -> None:
    local = Identifier.parse("1")
    add(store, b"one", patient=local)
    add(store, b"two", patient=ANN, also=local)
    (person,) = store.patients()
    assert person.identifiers == (local, ANN)
    assert len(store.record(ANN).facts) == len(store.record(local).facts) == 2
    assert [entry.kind for entry in store.ledger.entries()] == ["read", "link", "read"]
    add(store, b"three", patient=BOB)
    add(store, b"four", patient=BOB, also=local)
    assert len(store.patients()) == 2, "two who are known as two are not merged in passing"


def test_a_delivery_is_kept_whole_and_once(store: SqlStore) -> None:
    with store.writing() as act:
        first = act.deliver("bundle.json", b"{}")
        assert act.deliver("again.json", b"{}").digest == first.digest
    assert store.bytes_of(first.digest) == b"{}"
    assert rows(store)[3] == 1


def test_bytes_that_were_changed_are_noticed(store: SqlStore) -> None:
    add(store)
    large = b"Seen with cough." * 10_000
    add(store, large)
    for data in (NOTE, large):
        store.check(source(data).digest)
    store.database.execute("UPDATE contents SET data = ?", (b"Seen without cough.",))
    store.blobs.path(source(large).digest).write_bytes(b"Seen without cough.")
    for data in (NOTE, large):
        for look in (store.bytes_of, store.check):
            with pytest.raises(SourceAltered):
                look(source(data).digest)


def logged(store: SqlStore) -> dict[int, object]:
    return {e.index: e.body["facts_digest"] for e in store.ledger.entries("read")}


def test_facts_digests_are_those_of_the_ledger(store: SqlStore) -> None:
    add(store, texts=("cough", "fièvre"))
    add(store, b"two", patient=BOB, texts=())
    add(store, b"three", patient=None)
    assert dict(store.facts_digests()) == logged(store)
    assert logged(store)[1] == facts_digest([]) != logged(store)[2]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE facts SET fact = replace(fact, 'cough', 'fever') WHERE ordinal = 1",
        "UPDATE facts SET fact = replace(fact, '}', '')",
        "UPDATE facts SET fact = replace(fact, '{\"a', '{\"b\": 1, \"a') WHERE ordinal = 0",
        "UPDATE facts SET status = 'resolved' WHERE ordinal = 1",
        "UPDATE facts SET known = known - 1",
        "UPDATE facts SET ordinal = 7 - ordinal",
        "UPDATE facts SET patient = 2",
        "DELETE FROM facts WHERE ordinal = 1",
    ],
)
def test_an_edited_fact_no_longer_has_its_digest(store: SqlStore, edit: str) -> None:
    add(store, texts=("asthma", "cough", "gout"))
    add(store, b"two", patient=BOB, texts=())
    store.database.execute(edit)
    changed = {i for i, digest in store.facts_digests() if digest != logged(store)[i]}
    assert changed == {0}


def test_a_fact_row_that_is_no_fact_is_named(store: SqlStore) -> None:
    add(store)
    for text in ("{", json.dumps({"kind": "condition"})):
        store.database.execute("UPDATE facts SET fact = ?", (text,))
        with pytest.raises(BrokenFile, match="cannot be read"):
            store.record(ANN)


def test_the_ledger_holds_no_identifier(store: SqlStore) -> None:
    add(store, b"one", patient=Identifier.parse("no-8823-x"))
    add(
        store,
        b"two",
        patient=Identifier.parse("urn:h|no-8823-x"),
        also=Identifier.parse("no-8823-x"),
    )
    # Letters that no digest has: four digits alone would turn up in one by chance.
    text = "".join(entry.to_json() for entry in store.ledger.entries())
    assert "no-8823-x" not in text
    assert source(b"one").digest not in text


def test_the_same_bare_number_does_not_merge_two_authorities_patients(store: SqlStore) -> None:
    bare = Identifier.parse("8823")
    here, there = Identifier.parse("urn:here|8823"), Identifier.parse("urn:there|8823")
    add(store, b"one", patient=here, also=bare)
    add(store, b"two", patient=there, also=bare)
    add(store, b"three", patient=Identifier.parse("dicom|8823"), also=bare)
    first, second = store.patients()
    assert [i.authority for i in first.identifiers] == ["urn:here", "local", "dicom"]
    assert second.identifiers == (there,)


def test_a_fact_on_a_row_that_is_nobodys_spoils_its_digest(store: SqlStore) -> None:
    add(store)
    add(store, b"two", patient=None)
    store.database.execute("UPDATE facts SET patient = 1 WHERE source = 2")
    assert {i for i, d in store.facts_digests() if d != logged(store)[i]} == {1}


def test_the_same_bytes_have_each_patients_own_name(store: SqlStore) -> None:
    for name, patient in (("jansen.txt", ANN), ("n.txt", BOB)):
        with store.writing() as act:
            act.add(source(NOTE, name=name), NOTE, (), patient=patient)
    digest = source(NOTE).digest
    for name, patient in (("jansen.txt", ANN), ("n.txt", BOB)):
        (found,) = store.sources([digest], store.patient(patient))
        assert found.name == name
    assert len(store.sources([digest])) == 1
