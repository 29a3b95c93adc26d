"""Whose it is can be said later, taken back, and forgotten for good."""

from dataclasses import replace

import pytest

from osler.errors import NotFound, SourceAltered
from osler.ledger.signing import PublicKey
from osler.record.fact import Fact, FactKind
from osler.record.moment import Moment
from osler.record.patient import Identifier
from osler.record.sql_store import SqlStore
from osler.record.store import Added

from .examples import ANN, BOB, fact, source

CAROL = Identifier(authority="urn:h", value="3")


def add(store: SqlStore, data: bytes, patient: Identifier | None, **stated: object) -> Added:
    made = source(data)
    said = [fact(data.decode(), source=made.digest, **stated)]
    with store.writing() as act:
        return act.add(made, data, [replace(f, received_at=act.now) for f in said], patient=patient)


def texts(store: SqlStore, who: Identifier) -> list[str]:
    return sorted(f.code.text for f in store.record(who).facts)


def sound(store: SqlStore) -> bool:
    wrong = [i for i, d in store.facts_digests() if d != store.ledger.entry(i).body["facts_digest"]]
    return not wrong and not list(store.unvouched())


def test_what_waits_is_bound_by_a_persons_word(store: SqlStore) -> None:
    add(store, b"cough", None)
    digest = source(b"cough").digest
    with store.writing() as act:
        assert act.bind(digest, ANN, "the label on the slide") == Added(
            new=True, kinds=("condition",)
        )
    assert store.unassigned() == []
    assert texts(store, ANN) == ["cough"]
    assert [e.kind for e in store.ledger.entries()] == ["read", "bind"]
    assert "label" not in "".join(e.to_json() for e in store.ledger.entries())
    with store.writing() as act:
        assert not act.bind(digest, ANN, "again").new
    assert sound(store)


def test_nothing_is_bound_that_does_not_wait(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    with pytest.raises(NotFound, match="osler record waiting"), store.writing() as act:
        act.bind(source(b"cough").digest, BOB, "mine")


def test_a_merge_is_one_record_and_can_be_undone(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    add(store, b"gout", BOB)
    with store.writing() as act:
        assert act.merge(ANN, BOB, "A40")
        assert not act.merge(ANN, BOB, "A40 again")
        assert not act.merge(BOB, ANN, "the other way about")
    assert texts(store, ANN) == texts(store, BOB) == ["cough", "gout"]
    (person,) = store.patients()
    assert person.identifiers == (ANN, BOB)
    add(store, b"fever", BOB)
    assert texts(store, ANN) == ["cough", "fever", "gout"]
    with store.writing() as act:
        assert act.unmerge(BOB, ANN, "two people after all")
        assert not act.unmerge(BOB, ANN, "again")
    assert (texts(store, ANN), texts(store, BOB)) == (["cough"], ["fever", "gout"])
    assert len(store.patients()) == 2
    assert sound(store)


def test_merges_in_a_chain(store: SqlStore) -> None:
    for data, who in ((b"cough", ANN), (b"gout", BOB), (b"fever", CAROL)):
        add(store, data, who)
    with store.writing() as act:
        act.merge(BOB, CAROL, "")
        act.merge(ANN, CAROL, "")
    assert texts(store, CAROL) == ["cough", "fever", "gout"]
    assert [p.identifiers for p in store.patients()] == [(ANN, BOB, CAROL)]
    with store.writing() as act:
        act.unmerge(BOB, CAROL, "")
    assert (texts(store, CAROL), texts(store, BOB)) == (["fever"], ["cough", "gout"])
    assert sound(store)


def test_a_person_of_whom_nothing_was_read_can_be_merged(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    with store.writing() as act:
        act.merge(ANN, CAROL, "A40 came first")
    assert texts(store, CAROL) == ["cough"]
    assert sound(store)


def erasable(store: SqlStore) -> None:
    with store.writing() as act:
        bundle = act.deliver("jansen.json", b"cough and gout")
        for data, who in ((b"cough", ANN), (b"gout", BOB), (b"large" * 20_000, ANN)):
            made = source(data)
            said = [fact(data[:9].decode(), source=made.digest)]
            act.add(made, data, said, patient=who, delivery=bundle)
        act.add(source(b"gout"), b"gout", (), patient=ANN)
        waits = source(b"waits")
        act.add(waits, b"waits", [fact("waits", source=waits.digest)], patient=None)
        act.bind(waits.digest, ANN, "the label")


def test_erasure_leaves_a_stub_and_a_ledger_that_holds(store: SqlStore, own_home: object) -> None:
    erasable(store)
    lines = store.ledger.size
    done = store.erase(ANN, "article 17")
    assert (done.sources, done.deliveries) == (5, 1)
    with pytest.raises(NotFound):
        store.record(ANN)
    assert [p.identifiers for p in store.patients()] == [(BOB,)]
    assert texts(store, BOB) == ["gout"], "another's source of the same container stays"
    assert store.bytes_of(source(b"gout").digest) == b"gout", "bytes that another has too"
    for gone in (b"cough", b"large" * 20_000, b"waits", b"cough and gout"):
        with pytest.raises(SourceAltered):
            store.bytes_of(source(gone).digest)
    assert store.ledger.size == lines + 1
    (line,) = store.ledger.entries("erase")
    assert line.body["why"] == "article 17"
    assert sound(store)
    public = PublicKey.load(own_home / "keys" / "ledger.key.pub")  # type: ignore[operator]
    assert store.ledger.check(public).problems == ()
    add(store, b"cough", ANN)
    assert texts(store, ANN) == ["cough"], "who comes back is somebody new"
    assert sound(store)


def test_an_erasure_is_no_excuse_for_others(store: SqlStore) -> None:
    erasable(store)
    store.erase(ANN, "article 17")
    store.database.execute("DELETE FROM facts")
    store.database.execute("DELETE FROM sources")
    assert not sound(store)


def test_nothing_of_the_erased_is_left_in_the_files(store: SqlStore) -> None:
    from osler.record.sqlite import SqliteStore

    if not isinstance(store, SqliteStore):
        pytest.skip("a server's files are the operator's")
    erasable(store)
    secret = b"".join(
        bytes(k) for (k,) in store.database.execute("SELECT digest_key FROM patients")
    )
    store.erase(ANN, "article 17")
    left = b"".join(p.read_bytes() for p in store.folder.rglob("*") if p.is_file())
    assert b"cough" not in left
    assert b"jansen" not in left
    assert secret[:32] not in left


def test_a_statement_that_was_only_fetched_again_adds_no_fact(store: SqlStore) -> None:
    def version(data: bytes, text: str, when: str, inferred: bool = True) -> int:
        made = source(data)
        said = fact(text, source=made.digest, identity="Condition/1", recorded_inferred=inferred,
                    recorded_at=Moment.parse(when))  # fmt: skip
        with store.writing() as act:
            return act.add(made, data, [said], patient=ANN).facts

    assert version(b"1", "gout", "2020-01-01") == 1
    assert version(b"2", "gout", "2021-01-01") == 0, "only lastUpdated differs"
    assert version(b"3", "gout", "2021-02-01", inferred=False) == 1, "recorded anew"
    assert version(b"4", "GOUT of the foot", "2022-01-01") == 1
    assert version(b"5", "gout", "2023-01-01") == 1, "back again is a change"
    assert len(store.record(ANN).sources) == 5
    assert sound(store)


def test_a_late_version_between_two_others_is_kept(store: SqlStore) -> None:
    for data, text, when in ((b"1", "a", "2020"), (b"3", "b", "2022"), (b"2", "b", "2021")):
        made = source(data)
        said = fact("gout", source=made.digest, identity="Condition/1", value=text,
                    recorded_at=Moment.parse(when))  # fmt: skip
        with store.writing() as act:
            assert act.add(made, data, [said], patient=ANN).facts == 1


def test_the_same_bytes_of_two_patients_are_noticed(store: SqlStore) -> None:
    assert not add(store, b"cough", ANN).shared
    assert add(store, b"cough", BOB).shared


def test_numbers_are_never_used_twice(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    store.erase(ANN, "article 17")
    add(store, b"gout", BOB)
    assert [e.body["row"] for e in store.ledger.entries("read")] == [1, 2]


def test_the_state_of_a_code_without_the_whole_record(store: SqlStore) -> None:
    facts: list[Fact] = []
    made = source(b"labs")
    for day in range(1, 29):
        when = Moment.parse(f"2024-02-{day:02}T08:00:00Z")
        facts.append(
            fact("creatinine", source=made.digest, kind=FactKind.OBSERVATION, value=str(day),
                 valid_from=when, recorded_at=when, recorded_inferred=False,
                 identity=f"o/{day}", status="final")
        )  # fmt: skip
    wrong = replace(facts[-1], status="entered-in-error", recorded_at=Moment.parse("2024-03-05"))
    with store.writing() as act:
        act.add(made, b"labs", [*facts, wrong], patient=ANN)
    limits = [None, Moment.parse("2024-03-01").latest, Moment.parse("2024-02-10").latest]
    for as_of in limits:
        for known_at in limits:
            whole = store.record(ANN, as_of=as_of, known_at=known_at).state("creatinine")
            assert store.state(ANN, "creatinine", as_of, known_at) == whole
    (last,) = store.state(ANN, "creatinine")
    assert last.value == "27"


def test_a_container_that_came_again_is_erased_too(store: SqlStore) -> None:
    for name in ("a.json", "b.json"):
        with store.writing() as act:
            bundle = act.deliver(name, f"{name} with cough".encode())
            made = source(b"cough")
            act.add(
                made, b"cough", [fact("cough", source=made.digest)], patient=ANN, delivery=bundle
            )
    assert store.erase(ANN, "article 17").deliveries == 2
    for name in ("a.json", "b.json"):
        with pytest.raises(SourceAltered):
            store.bytes_of(source(f"{name} with cough".encode()).digest)


def test_bytes_that_another_has_survive_as_a_container(store: SqlStore) -> None:
    with store.writing() as act:
        bundle = act.deliver("a.json", b"cough")
        made = source(b"part")
        act.add(made, b"part", (), patient=ANN, delivery=bundle)
    add(store, b"cough", BOB)
    store.erase(ANN, "article 17")
    assert store.bytes_of(source(b"cough").digest) == b"cough"


def test_an_erasure_that_fails_takes_no_file_away(store: SqlStore) -> None:
    large = b"large" * 20_000
    with store.writing() as act:
        act.add(source(large), large, (), patient=ANN)

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store.ledger), "seal", fail)
        with pytest.raises(RuntimeError):
            store.erase(ANN, "article 17")
    assert store.bytes_of(source(large).digest) == large
    assert sound(store)


def test_two_that_wait_say_all_they_say_to_whom_they_are_bound(store: SqlStore) -> None:
    for data, when in ((b"1", "2020-01-01"), (b"2", "2021-01-01")):
        made = source(data)
        said = fact(
            "gout", source=made.digest, identity="Condition/1", recorded_at=Moment.parse(when)
        )
        with store.writing() as act:
            act.expect([(made, [said])])
            act.add(made, data, [said], patient=None)
    for data, who in ((b"1", ANN), (b"2", BOB)):
        with store.writing() as act:
            assert act.bind(source(data).digest, who, "the label").facts == 1
    assert texts(store, ANN) == texts(store, BOB) == ["gout"]
    assert sound(store)


def test_the_number_of_an_erased_row_excuses_no_new_one(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    add(store, b"gout", BOB)
    store.erase(ANN, "article 17")
    columns = "digest, patient, kind, media_type, name, size, author, stream, delivery, received_at"
    store.database.execute(
        f"INSERT INTO sources (id, {columns}, trouble, disputed) "
        f"SELECT 1, 'ab', patient, kind, media_type, name, size, author, stream, delivery, "
        "received_at, trouble, 0 FROM sources WHERE id = 2"
    )
    assert list(store.unvouched())


def test_a_chain_is_undone_by_the_names_it_was_made_with(store: SqlStore) -> None:
    for data, who in ((b"cough", ANN), (b"gout", BOB), (b"fever", CAROL)):
        add(store, data, who)
    with store.writing() as act:
        act.merge(ANN, BOB, "")
        act.merge(BOB, CAROL, "")
        assert act.unmerge(BOB, CAROL, "")
    assert texts(store, CAROL) == ["fever"]
    assert texts(store, ANN) == ["cough", "gout"]
    assert sound(store)


def test_what_is_theirs_already_waits_no_more_once_they_are_named(store: SqlStore) -> None:
    add(store, b"cough", ANN)
    made = source(b"cough")
    with store.writing() as act:
        act.add(made, b"cough", (), patient=None, trouble="in another's folder", disputed=True)
    assert len(store.unassigned()) == 1
    with store.writing() as act:
        assert act.bind(made.digest, ANN, "it is hers").settled
    assert store.unassigned() == []
    assert sound(store)
