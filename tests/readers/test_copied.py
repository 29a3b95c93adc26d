"""Copied passages are found where they stand; what was written anew is not called copied."""

import time

from hypothesis import given
from hypothesis import strategies as st

from osler.readers.copied import WORDS, copied_from

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
