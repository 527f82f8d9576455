"""From a file of pairs to what is trained on: nothing leaks, nothing is silent."""

import json
from collections import Counter

import pytest

from dpo_edu.own_data import memory
from dpo_edu.own_data.data_report import doubts
from dpo_edu.own_data.preparation import prepare
from dpo_edu.own_data.settings import OwnSettings
from dpo_edu.validation import InputError


@pytest.fixture
def prepared(tmp_path):
    """``prepared(records, **settings)`` of a file with these records.

    The notes are what is printed before and after: doubts of the data and of the run.
    """

    def run(records, **settings):
        path = tmp_path / "pairs.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        found = prepare(OwnSettings(str(path), "", **settings), "cpu")
        return found._replace(notes=doubts(found.record) + found.notes)

    return run


def record(number, **fields):
    texts = {"prompt": f"{number}?", "chosen": f"yes {number}", "rejected": "no"}
    return texts | fields


def refusal(prepared, records, **settings):
    with pytest.raises(InputError) as refused:
        prepared(records, **settings)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_prompts_are_those_of_the_held_out_pairs(prepared):
    found = prepared([record(n) for n in range(10)], held_out=0.3)
    assert found.held_out.pairs == len(found.prompts) == 3
    assert found.training.pairs == 7
    assert Counter(found.prompts).most_common(1)[0][1] == 1


def test_two_pairs_are_enough_and_one_is_not(prepared):
    assert prepared([record(1), record(2)]).training.pairs == 1
    assert "one pair is too few" in refusal(prepared, [record(1)])
    assert "all pairs are the same" in refusal(prepared, [record(1)] * 8)


def test_the_letters_of_eos_are_refused_by_line(prepared):
    odd = record(2, chosen="Hello<eos>!")
    message = refusal(prepared, [record(1), odd])
    assert 'line 2: "chosen" holds the letters <eos>' in message


def test_a_text_that_is_too_long_is_named_by_line(prepared):
    long = record(2, rejected="n" * 400)
    message = refusal(prepared, [record(1), long, long | {"prompt": "other"}])
    assert "line 2: prompt and rejected take 403 tokens" in message
    assert "1 more is too long, the longest takes 406" in message


def test_what_no_machine_can_hold_is_refused_before_it_is_made(prepared, monkeypatch):
    monkeypatch.setattr(memory, "machine_bytes", lambda: 10_000.0)
    records = [record(n, chosen="y" * 100) for n in range(20)]
    message = refusal(prepared, records)
    assert "20 pairs as long as the longest take 0 GB, this machine has 0" in message


@pytest.mark.parametrize(
    ("records", "note"),
    [
        ([record(n, source="me", score=1) for n in range(9)], 'not read: "score"'),
        ([record(n // 2) for n in range(9)], "4 pairs are there again"),
        (
            [record(1), record(1, chosen="no", rejected="yes 1"), record(2)],
            "1 comparison is there in both directions",
        ),
        ([record(n) for n in range(9)], "20 steps of SFT: if the samples are gib"),
        (
            [record(n, chosen="y" * 3_000) for n in range(40)],
            "for less memory lower --batch-size",
        ),
    ],
)
def test_what_a_user_may_not_know_is_a_note(records, note, prepared):
    notes = prepared(records, context=4_000).notes
    assert any(note in line for line in notes)


def test_a_reversed_pair_is_not_there_again(prepared):
    turned = record(1, chosen="no", rejected="yes 1")
    notes = prepared([record(1), turned, *map(record, range(2, 200))]).notes
    assert len(notes) == 1
    assert "1 comparison is there in both directions" in notes[0]
    notes = prepared([record(1), turned, turned, record(2)]).notes
    assert any("1 pair is there again" in note for note in notes)


def test_nothing_to_say_is_no_note(prepared):
    assert prepared([record(n) for n in range(200)]).notes == []
