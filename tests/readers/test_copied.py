"""Copied passages are found where they stand; what was written anew is not called copied."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.readers import note
from osler.readers.copied import WORDS, copied_evidence, copied_from
from osler.readers.reading import Context
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Span
from osler.record.moment import utc_now
from osler.record.opening import open_store
from osler.record.patient import Identifier
from osler.record.relation import Relation, relation

words = st.lists(st.text("abcdefg", min_size=1, max_size=6), max_size=40)
passages = st.lists(st.integers(0, 10**6).map(lambda n: f"p{n}"), min_size=WORDS, max_size=40)


@given(words, passages, words, words, st.sampled_from([" ", "\n", "  \n\t"]))
def test_an_inserted_passage_is_found(
    before: list[str], passage: list[str], after: list[str], old: list[str], space: str
) -> None:
    earlier = " ".join([*old, *passage])
    head = "".join(word + " " for word in before)
    said = space.join(passage).upper()
    text = head + said + "".join(" " + word for word in after)
    found = copied_from(text, [("other", "nothing of the kind"), ("one", earlier)])
    assert any(c.start <= len(head) and len(head) + len(said) <= c.end for c in found)
    for c in found:
        assert c.source == "one"
        marked = text[c.start : c.end].casefold().split()
        assert earlier[c.source_start :].casefold().split()[: len(marked)] == marked
        assert len(marked) >= WORDS


@given(passages)
def test_rewritten_text_is_not(passage: list[str]) -> None:
    again = [f"{word}x" if n % (WORDS - 1) == 0 else word for n, word in enumerate(passage)]
    assert copied_from(" ".join(again), [("one", " ".join(passage))]) == []
    assert copied_from(" ".join(passage[: WORDS - 1]), [("one", " ".join(passage))]) == []


def test_a_changed_dose_is_not_copied() -> None:
    old = "She takes metformin 500 mg twice a day with meals and feels well on it today."
    new = old.replace("500", "850")
    assert all("850" not in new[c.start : c.end] for c in copied_from(new, [("one", old)]))


def test_the_oldest_source_is_named_and_passages_do_not_overlap() -> None:
    text = " ".join(f"w{n}" for n in range(40))
    found = copied_from(text, [("first", text), ("second", text)])
    assert [(c.source, c.start, c.end) for c in found] == [("first", 0, len(text))]


def test_long_notes_take_time_in_proportion() -> None:
    text = "the same word " * 100_000
    started = time.monotonic()
    assert copied_from(text, [("one", text)])[0].end == len(text.rstrip())
    assert time.monotonic() - started < 20


ANN = Identifier(authority="urn:h", value="1")
HISTORY = (
    "She has had asthma since childhood and uses a salbutamol inhaler when the weather is cold."
)
NOTES = {
    "2020": f"Date: 2020-01-01\n\n{HISTORY}\n",
    "2021": f"Date: 2021-01-01\n\nSeen for a cough.\n{HISTORY.upper()}\n",
    "2022": "Date: 2022-01-01\n\nKnown asthma, well controlled.\n",
}


@pytest.mark.parametrize("order", [("2020", "2021", "2022"), ("2022", "2021", "2020")])
def test_copied_text_in_a_store_adds_no_support(tmp_path: Path, order: tuple[str, ...]) -> None:
    said: dict[str, Fact] = {}
    with open_store(str(tmp_path / "store")) as store:
        for year in order:
            data = NOTES[year].encode()
            (item,) = note.read(data, Context(name=f"{year}.txt", now=utc_now())).items
            start = NOTES[year].casefold().index("asthma")
            at = Evidence(source=item.source.digest, at=Span(start=start, end=start + 6))
            dated = item.facts[0].valid_from
            said[year] = Fact(
                kind=FactKind.CONDITION, code=Code(text="asthma"), evidence=at, status="active",
                received_at=item.facts[0].received_at, valid_from=dated, recorded_at=dated,
            )  # fmt: skip
            with store.writing() as act:
                act.add(item.source, data, [*item.facts, said[year]], patient=ANN)
        record = store.record(ANN)
        copied = copied_evidence(store, record)
    assert copied == {said["2021"].evidence}
    first, again, anew = (
        next(f for f in record.facts if f.evidence == said[year].evidence) for year in sorted(said)
    )
    assert relation(first, again) is Relation.SUPPORT
    assert relation(first, again, copied) is None
    assert record.support(anew) == [first, again]
    assert record.support(anew, copied) == [first]


def test_a_record_without_notes_has_no_copies(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store")) as store:
        (item,) = note.read(b"One note.", Context(name="a.txt", now=utc_now())).items
        with store.writing() as act:
            act.add(item.source, b"One note.", item.facts, patient=ANN)
        assert copied_evidence(store, store.record(ANN)) == frozenset()
