"""Files of preferences as the world writes them: each becomes the same few pairs."""

import csv
import gzip
import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpo_edu.own_data.comparison import Message, Pair, TextPair, as_text
from dpo_edu.own_data.formats.containers import read_rows
from dpo_edu.own_data.formats.rows import pairs_of
from dpo_edu.own_data.pairs import read_file, read_pairs, write_pairs
from dpo_edu.validation import InputError

ROWS = [
    {"prompt": "Sky?", "chosen": "Blue, mostly.", "rejected": "Green"},
    {"prompt": "Où?", "chosen": 'A "quoted"\nline; two', "rejected": "\u2028"},
]
ROWS[1]["rejected"] = "No\u2028where"
PAIRS = [Pair(**row) for row in ROWS]


@pytest.fixture
def reading(tmp_path):
    """``reading(name, content)``: the file with this name and content, read."""

    def read(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(path)

    return read


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(rows, mark=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0]], delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# Containers

WRITTEN = {
    "lines.jsonl": (lines(ROWS), "JSON Lines"),
    "array.json": (json.dumps(ROWS), "a JSON array"),
    "pretty.json": (json.dumps(ROWS, indent=2, ensure_ascii=False), "a JSON array"),
    "array.jsonl": (json.dumps(ROWS), "a JSON array"),  # whatever it is called
    "lines.csv": (lines(ROWS), "JSON Lines"),
    "comma.csv": (table(ROWS), "CSV"),
    "semicolon.csv": (table(ROWS, ";"), "CSV"),
    "tab.tsv": (table(ROWS, "\t"), "CSV"),
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("packed", [False, True])
def test_every_container_holds_the_same_pairs(name, packed, reading):
    content, kind = WRITTEN[name]
    if packed:
        name, content = f"{name}.gz", gzip.compress(content.encode())
    file = reading(name, content)
    assert file.pairs == PAIRS
    assert file.rows == 2
    assert file.kind == (f"{kind} in gzip" if packed else kind)
    assert not file.faults


def test_rows_are_numbered_as_an_editor_or_a_reader_counts(reading):
    bad = {"prompt": "x", "chosen": "a", "rejected": "a"}
    file = reading("x.csv", table([*ROWS, bad]))
    assert [*file.faults] == [5]  # a cell of row 2 has a second line
    assert reading("x.json", json.dumps([*ROWS, bad])).faults.keys() == {3}
    assert reading("x.jsonl", "\n" + lines([*ROWS, bad])).faults.keys() == {4}
    assert (file.unit, reading("x.json", json.dumps(ROWS)).unit) == ("line", "row")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", "prompt,chosen,rejected\n", "holds no pairs"),
        ("x.csv", 'prompt,chosen,rejected\nx,"a,b\n', "line 2: not CSV"),
        ("x.csv", "prompt\0,chosen\n", "no pairs"),
        ("x.json", "[", "is not JSON: Expecting value: line 1 column 2"),
        ("x.json", "[\n" + lines(ROWS) + "]", "is not JSON: Expecting ',' delimiter"),
        ("x.json", "[1,2,3", "is not JSON"),
        ("x.gz", gzip.compress(lines(ROWS).encode(), mtime=0)[:-9], "is damaged gzip"),
        ("x.gz", gzip.compress(b"BZh9", mtime=0), "is compressed by bzip2"),
        ("x.parquet", b"PAR1", "arquet"),
    ],
)
def test_a_container_that_is_broken_is_refused_in_one_line(
    name, content, words, reading
):
    with pytest.raises(InputError) as refused:
        reading(name, content)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_row_with_a_cell_too_many_is_a_fault_of_that_line(reading):
    file = reading("x.csv", "prompt,chosen,rejected\nx,a,b\nx,a,b,c\n")
    assert file.faults == {3: "4 cells under 3 names of columns"}


def test_a_cell_may_be_longer_than_python_s_own_limit(reading):
    long = "y" * 200_000
    assert reading("x.csv", f"prompt,chosen,rejected\nx,{long},b\n").pairs[0][1] == long


def test_what_needs_a_library_says_which_extra_brings_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "datasets", None)
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    for path in (tmp_path / "x.parquet", tmp_path):
        with pytest.raises(InputError, match=r"pip install 'dpo-edu\[real\]'"):
            read_rows(path)


def test_parquet_is_read(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    arrow = pytest.importorskip("pyarrow")
    talk = [{"role": "user", "content": "Hi"}]
    ends = [[*talk, {"role": "assistant", "content": text}] for text in ("a", "b")]
    mixed = {"chosen": ends[0], "rejected": ends[1], "prompt": None}
    path = tmp_path / "x.parquet"
    parquet.write_table(arrow.Table.from_pylist(ROWS), path)
    assert read_pairs(path) == PAIRS
    parquet.write_table(arrow.Table.from_pylist([mixed]), path)
    assert read_file(path).pairs == [Pair((Message("user", "Hi"),), "a", "b")]


def test_a_folder_of_datasets_is_read_without_a_network(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))

    def connect(*_):
        raise AssertionError("asked for a network")

    monkeypatch.setattr("socket.socket.connect", connect)
    assert read_pairs(tmp_path / "saved") == PAIRS


# Rows

U, A, S = "user", "assistant", "system"


def talk(*turns, keys=("role", "content")):
    return [dict(zip(keys, turn, strict=True)) for turn in turns]


HI = (Message(U, "Hi"),)
HI_PAIR = Pair(HI, "Hello", "Go")
LONG = (Message(S, "Be kind"), Message(U, "Hi"), Message(A, "Yes?"), Message(U, "2+2"))
LONG_PAIR = Pair(LONG, "4", "5")
BEFORE = [tuple(message) for message in LONG]
PARTS = [{"type": "text", "text": "H"}, {"type": "text", "value": "i"}]
SHAREGPT = ("from", "value")
SPOKEN = "\n\nHuman: Hi\n\nAssistant: Yes?\n\nHuman: 2+2\n\nAssistant:"

CONVERSATIONS = {
    "implicit prompt": (
        {
            "chosen": talk((U, "Hi"), (A, "Hello")),
            "rejected": talk((U, "Hi"), (A, "Go")),
        },
        HI_PAIR,
    ),
    "implicit prompt, multi-turn, system": (
        {"chosen": talk(*BEFORE, (A, "4")), "rejected": talk(*BEFORE, (A, "5"))},
        LONG_PAIR,
    ),
    "explicit prompt": (
        {
            "prompt": talk(*BEFORE),
            "chosen": talk((A, "4")),
            "rejected": talk((A, "5")),
        },
        LONG_PAIR,
    ),
    "explicit prompt, repeated in the answers": (
        {
            "prompt": talk(*BEFORE),
            "chosen": talk(*BEFORE, (A, "4")),
            "rejected": talk(*BEFORE, (A, "5")),
        },
        LONG_PAIR,
    ),
    "prompt as messages, answers as texts": (
        {"messages": talk(*BEFORE), "chosen": "4", "rejected": "5"},
        LONG_PAIR,
    ),
    "prompt as a text beside whole conversations": (
        {
            "prompt": "Hi",
            "chosen": talk((U, "Hi"), (A, "Hello")),
            "rejected": talk((U, "Hi"), (A, "Go")),
            "messages": talk((U, "Hi"), (A, "Hello")),
            "score_chosen": 8.0,
            "score_rejected": 3.5,
        },
        HI_PAIR,
    ),
    "prompt as a text before single messages": (
        {"prompt": "Hi", "chosen": talk((A, "Hello")), "rejected": talk((A, "Go"))},
        HI_PAIR,
    ),
    "sharegpt": (
        {
            "conversations": talk(("human", "Hi"), keys=SHAREGPT),
            "chosen": {"from": "gpt", "value": "Hello"},
            "rejected": {"from": "gpt", "value": "Go"},
        },
        HI_PAIR,
    ),
    "both halves named": (
        {
            "chosen_messages": [{"role": U, "content": PARTS}, *talk((A, "Hello"))],
            "rejected_messages": [{"role": U, "content": PARTS}, *talk((A, "Go"))],
        },
        HI_PAIR,
    ),
    "OpenAI": (
        {
            "input": {"messages": talk((U, "Hi")), "tools": []},
            "preferred_output": talk((A, "Hello")),
            "non_preferred_output": talk((A, "Go")),
        },
        HI_PAIR,
    ),
    "system beside texts": (
        {"system": "Be kind", "prompt": "Hi", "chosen": "a", "rejected": "b"},
        Pair((Message(S, "Be kind"), *HI), "a", "b"),
    ),
    "an empty system beside texts": (
        {"system": "", "question": "Hi", "chosen": "a", "rejected": "b"},
        Pair(HI, "a", "b"),
    ),
    "dialogues in plain text": (
        {
            "chosen": f"{SPOKEN} 4",
            "rejected": f"{SPOKEN} 5",
        },
        Pair(LONG[1:], "4", "5"),
    ),
    "a dialogue in plain text as the prompt": (
        {
            "prompt": "\n\nHuman: Hi\n\nAssistant:",
            "chosen": " Hello",
            "rejected": " Go",
        },
        HI_PAIR,
    ),
}


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_conversations_are_read_however_they_are_written(kind):
    row, pair = CONVERSATIONS[kind]
    read = pairs_of(row, {})
    assert read.pairs == [pair]
    assert read.read_as.endswith("as a conversation")
    assert not read.against


TEXTS = {
    "stack-exchange-paired": {"question": "x", "response_j": "a", "response_k": "b"},
    "context and winner": {"context": "x", "answer_w": "a", "answer_l": "b"},
    "argilla": {"instruction": "x", "chosen_response": "a", "rejected_response": "b"},
    "several rejected": {"prompt": "x", "chosen": "a", "rejected": ["b"]},
    "ranked": {"instruction": "x", "input": "", "output": ["a", "b"]},
    "verdict by letter": {
        "prompt": "x",
        "completion_a": "b",
        "completion_b": "a",
        "preference": "B",
    },
    "verdict by name": {
        "prompt": "x",
        "response_a": "a",
        "response_b": "b",
        "winner": "model_a",
    },
    "verdict by number": {
        "prompt": "x",
        "response_0": "b",
        "response_1": "a",
        "better_response_id": 1,
    },
    "verdict in another case": {
        "prompt": "x",
        "response_A": "a",
        "response_B": "b",
        "chosen": "A",
    },
    "verdict from 1": {
        "prompt": "x",
        "answer_1": "a",
        "answer_2": "b",
        "label": "1",
    },
    "answers with scores": {
        "prompt": "x",
        "chosen": {"text": "a", "score": 2},
        "rejected": {"text": "b", "score": 1},
    },
}


@pytest.mark.parametrize("kind", TEXTS)
def test_names_of_public_files_are_known(kind):
    read = pairs_of(TEXTS[kind], {})
    assert read.pairs == [Pair("x", "a", "b")]
    assert not read.unread
    assert not read.against


def test_an_instruction_and_its_input_are_one_prompt():
    row = {"instruction": "Add.", "input": "2, 2", "output": "4?"}
    read = pairs_of(row | {"chosen": "4", "rejected": "5"}, {})
    assert read.pairs == [Pair("Add.\n2, 2", "4", "5")]
    assert read.unread == ["output"]


def test_several_rejected_answers_are_several_pairs():
    row = {"prompt": "x", "chosen": "a", "rejected": ["b", "c"]}
    assert pairs_of(row, {}).pairs == [Pair("x", "a", "b"), Pair("x", "a", "c")]
    ends = [talk((U, "x"), (A, text)) for text in "abc"]
    read = pairs_of({"chosen": ends[0], "rejected": ends[1:]}, {})
    assert [pair[1:] for pair in read.pairs] == [("a", "b"), ("a", "c")]


def test_fields_may_have_any_name(reading, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text(lines([{"q": "x", "prompt": "not this", "+": "a", "-": "b"}]))
    file = read_file(path, "prompt=q, chosen=+, rejected=-")
    assert file.pairs == [Pair("x", "a", "b")]
    assert file.unread == ["prompt"]
    assert read_file(path, "prompt=q,chosen=+,rejected=no").faults == {
        1: 'no "no", but "q", "prompt", "+", "-": say with --fields what is what'
    }
    for fields in ("prompt", "answer=x", "chosen=a", "prompt=a,prompt=b", "chosen="):
        with pytest.raises(InputError, match="--fields names"):
            read_file(path, fields)


@pytest.mark.parametrize(
    ("row", "better"),
    [
        ({"score_chosen": 2.0, "score_rejected": 9.0}, False),
        ({"score_chosen": 9, "score_rejected": 9}, True),
        ({"chosen_avg_rating": "1", "rejected_avg_rating": "2"}, False),
        ({"chosen-rating": 5.0, "rejected-rating": 2.0}, True),
        ({"chosen_score": None, "rejected_score": 2.0}, True),
        ({"score_chosen": "good", "score_rejected": 1}, True),
    ],
)
def test_scores_that_speak_against_the_label_are_seen(row, better):
    assert pairs_of(
        {"prompt": "x", "chosen": "a", "rejected": "b"} | row, {}
    ).against is (not better)


def test_scores_beside_answers_and_letters_are_seen_too():
    answers = [{"text": text, "score": n} for n, text in enumerate("ab")]
    row = {"prompt": "x", "chosen": answers[0], "rejected": answers[1]}
    assert pairs_of(row, {}).against
    row = {"prompt": "x", "response_a": "a", "response_b": "b", "winner": "a"}
    assert pairs_of(row | {"score_a": 1, "score_b": 2}, {}).against
    assert not pairs_of(row | {"score_a": 2, "score_b": 1}, {}).against


TWO = {"prompt": "x", "response_a": "a", "response_b": "b"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "x", "completion": "a", "label": True}, "KTO (chapter 14)"),
        ({"messages": talk((U, "x"), (A, "a")), "label": False}, "KTO (chapter 14)"),
        ({"prompt": "x", "completion": "a", "label": "True"}, "KTO (chapter 14)"),
        ({"context": "x", "answer": "a", "is_desirable": True}, "KTO (chapter 14)"),
        ({"messages": talk((U, "x"), (A, "a"))}, 'no "chosen", "rejected", but "mess'),
        (TWO, 'no "chosen", "rejected", but "prompt", "response_a", "response_b"'),
        (TWO | {"winner": "tie"}, "a tie: \"winner\" is 'tie'"),
        (TWO | {"winner": 1}, '"winner" is \'1\', which is neither "response_a" nor'),
        ({"chosen": "a", "rejected": "b"}, 'no "prompt"'),
        ({"chosen": talk((A, "a")), "rejected": talk((A, "b"))}, 'no "prompt"'),
        (
            {"chosen": talk((U, "x"), (A, "a")), "rejected": "b"},
            "one is a text, the other a conversation",
        ),
        (
            {
                "chosen": talk((U, "x"), (A, "a")),
                "rejected": talk((U, "x"), (A, "b"), (U, "y"), (A, "c")),
            },
            'the conversation in "rejected" leaves the other before its last turn',
        ),
        (
            {"chosen": talk((U, "x"), (U, "a")), "rejected": talk((U, "x"), (A, "b"))},
            '"chosen" does not end with what the assistant says',
        ),
        (
            {
                "chosen": talk((U, "x"), (A, "a")),
                "rejected": talk((U, "x"), ("me", "")),
            },
            "unknown role 'me'",
        ),
        (
            {"prompt": "x", "chosen": "a", "rejected": [{"type": "image"}]},
            '"rejected" has a message that is no text',
        ),
        (
            {
                "prompt": [{"role": U, "content": [{"type": "image"}]}],
                "chosen": "a",
                "rejected": "b",
            },
            '"prompt" has a message that is no text',
        ),
        ({"prompt": "x", "chosen": "a<eos>b", "rejected": "c"}, "the letters <eos>"),
        ({"prompt": "x<eos>", "chosen": "a", "rejected": "c"}, "the letters <eos>"),
        ({"prompt": "x", "chosen": "<eos>", "rejected": "c"}, '"chosen" is empty'),
        ({"prompt": "x", "chosen": "c<eos>", "rejected": "c"}, "are the same"),
        ({}, "nothing is in it"),
    ],
)
def test_what_is_no_pair_says_why(row, reason):
    with pytest.raises(InputError) as refused:
        pairs_of(row, {})
    assert reason in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "from", "value", "text", "messages"]),
            inner | st.sampled_from(["user", "assistant", "gpt"]),
            max_size=3,
        )
    ),
    max_leaves=8,
)
NAMES = ["prompt", "chosen", "rejected", "system", "output", "label", "messages"]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_a_row_holds_it_is_read_or_refused_in_words(row):
    try:
        for pair in pairs_of(row, {}).pairs:
            assert all(isinstance(text, str) for text in as_text(pair))
            assert pair.chosen != pair.rejected
    except InputError:
        pass


# Conversations in plain text


def test_a_conversation_is_written_as_a_dialogue_and_reads_back(tmp_path):
    text = as_text(LONG_PAIR)
    assert text.prompt == f"\n\nSystem: Be kind{SPOKEN} "
    assert text[1:] == ("4", "5")
    text = as_text(LONG_PAIR._replace(prompt=LONG[1:]))
    write_pairs(tmp_path / "x.jsonl", [text])
    (back,) = read_file(tmp_path / "x.jsonl").pairs
    assert back.prompt == LONG[1:]
    assert as_text(back) == text


def test_the_pairs_of_an_export_are_read_without_their_ends(reading):
    written = [TextPair("x ", "a<eos>", "b<eos>"), TextPair("y", "c<eos>", "d")]
    file = reading("pairs.jsonl", lines([pair._asdict() for pair in written]))
    assert file.pairs == [Pair("x ", "a", "b"), Pair("y", "c", "d")]
    assert file.ended == 2
