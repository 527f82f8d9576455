"""Files of pairs, line by line: what is read, and how bad ones are refused."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpo_edu.own_data.comparison import TextPair
from dpo_edu.own_data.pairs import read_file, read_pairs, write_pairs
from dpo_edu.validation import InputError

GOOD = '{"prompt": "Name a color.", "chosen": "Blue.", "rejected": "Seven."}'


@pytest.fixture
def pairs_file(tmp_path):
    """Writes its arguments, one a line, and returns the path."""

    def write(*lines):
        path = tmp_path / "pairs.jsonl"
        path.write_bytes("\n".join(lines).encode())
        return path

    return write


def refusal(path):
    with pytest.raises(InputError) as refused:
        read_pairs(path)
    message = str(refused.value)
    assert "\n" not in message
    assert str(path) in message
    return message


# What is read


def test_pairs_are_read_in_order(pairs_file):
    other = '{"rejected": "b", "prompt": "p", "chosen": "a", "source": "me"}'
    assert read_pairs(pairs_file(GOOD, "", other, "   ")) == [
        TextPair("Name a color.", "Blue.", "Seven."),
        TextPair("p", "a", "b"),
    ]


def test_windows_line_ends_and_byte_order_mark_are_passed_over(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(f"\ufeff{GOOD}\r\n{GOOD}\r\n".encode())
    assert len(read_pairs(path)) == 2


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_separators_within_a_string_are_text(separator, pairs_file):
    line = GOOD.replace("Blue.", f"Blue.{separator}Green.")
    assert read_pairs(pairs_file(line))[0].chosen == f"Blue.{separator}Green."


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5))
def test_what_is_written_reads_back(tmp_path_factory, texts):
    pairs = [TextPair(x, y, y + "!") for x, y, _ in texts]
    path = tmp_path_factory.mktemp("round") / "pairs.jsonl"
    write_pairs(path, pairs)
    assert read_pairs(path) == pairs
    assert len(path.read_bytes().splitlines()) == len(pairs)


def test_what_is_written_is_what_trainers_read(tmp_path):
    write_pairs(tmp_path / "p", [TextPair("x", "good", "bad")])
    record = json.loads((tmp_path / "p").read_text())
    assert record == {"prompt": "x", "chosen": "good", "rejected": "bad"}


def test_a_write_that_fails_keeps_the_old_pairs(pairs_file, monkeypatch):
    path = pairs_file(GOOD)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        write_pairs(path, [TextPair("x", "a", "b")])
    monkeypatch.undo()
    assert path.read_text() == GOOD
    assert [*path.parent.iterdir()] == [path]


# What is refused: file, line, reason


def pair(**fields):
    return json.dumps({"prompt": "x", "chosen": "a", "rejected": "b"} | fields)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"prompt": "x", ', "not JSON"),
        ("prompt,chosen,rejected", "not JSON"),
        ("[1, 2, 3]", "not a JSON object with fields for a prompt and two answers"),
        ('"text"', "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"prompt": "x", "chosen": "a"}', 'no "rejected"'),
        ('{"asked": "x", "chosen": "a", "rejected": "b"}', 'no "prompt"'),
        (pair(chosen=3), '"chosen" is neither a text nor'),
        (pair(prompt=None), 'no "prompt"'),
        (pair(chosen=None), 'no "chosen", but "prompt", "rejected"'),
        (pair(rejected=[{"role": "user"}]), '"rejected" has a message that is no text'),
        (pair(rejected=[]), '"rejected" is empty'),
        (pair(chosen=["a", "b"]), '"chosen" is neither a text nor'),
        (pair(prompt=""), '"prompt" is empty'),
        (pair(chosen=" \t\n"), '"chosen" is empty'),
        (pair(rejected="a"), '"chosen", "rejected" are the same'),
        (pair(chosen="\ud83d"), '"chosen" holds half a character'),
    ],
)
def test_the_first_bad_line_is_named(line, reason, pairs_file):
    message = refusal(pairs_file(GOOD, "", line, "also bad"))
    assert "pairs.jsonl, line 3: " in message
    assert reason in message


def test_a_line_that_is_not_json_says_where(pairs_file):
    assert "column 14" in refusal(
        pairs_file('{"prompt": "x" "chosen": "a"}'.replace(" ", ""))
    )


@pytest.mark.parametrize("lines", [(), ("", "  ", "")])
def test_files_without_pairs_are_refused(lines, pairs_file):
    assert "holds no pairs" in refusal(pairs_file(*lines))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "nowhere.jsonl")


def test_a_folder_is_refused(tmp_path):
    assert "datasets" in refusal(tmp_path)


def test_text_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(GOOD.encode() + "\nÄ".encode("latin-1"))
    place = len(GOOD) + 1
    assert f"is not UTF-8 text (byte {place})" in refusal(path)


# What is wrong with the whole file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        (b"\xfe\xff\x00{", "is UTF-16 text"),
        (b"\x1f\x8b\x08\x00", "is damaged gzip"),
        (b"\x28\xb5\x2f\xfd", "is compressed by zstd: unpack it first"),
        (b"BZh91AY", "is compressed by bzip2"),
        (b"\xfd7zXZ\x00", "is compressed by xz"),
        (b"PK\x03\x04more", "is a zip archive"),
        (b"PAR1more", "Parquet"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"[]", "holds no pairs"),
        (f"[\n  {GOOD},\n  {GOOD}\n".encode(), "is not JSON: Expecting"),
        (b'{\n  "prompt": "x"\n}\n', "is one object, and not one a line"),
    ],
)
def test_another_format_is_called_by_its_name(content, words, tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(content)
    assert words in refusal(path)


def test_all_bad_lines_are_named_at_once(pairs_file):
    message = refusal(pairs_file(GOOD, "bad", GOOD, "", "bad", pair(chosen="")))
    assert "line 2: not JSON" in message
    assert message.endswith("; also bad: 5, 6")


def test_of_many_bad_lines_ten_are_named(pairs_file):
    message = refusal(pairs_file(*["bad"] * 5_000))
    assert "; also bad: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 4,989 more" in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 100_000, "not JSON (nested too deep)"),
        ('{"prompt": ' + "1" * 5_000 + "}", "not JSON (Exceeds"),
        (
            '{"question": "x", "answer": "a"}',
            'no "chosen", "rejected", but "question", "answer": say with --fields',
        ),
        ('{"' + "n" * 5_000 + '": 1}', f'no "chosen", "rejected", but "{"n" * 40}"'),
        (pair(prompt="\ud83d"), '"prompt" holds half a character'),
    ],
)
def test_odd_lines_are_named_as_well(line, reason, pairs_file):
    message = refusal(pairs_file(GOOD, line))
    assert f"line 2: {reason}" in message
    assert len(message) < 300


def test_fields_that_are_not_read_are_told(pairs_file):
    file = read_file(pairs_file(GOOD, "", pair(source="me"), pair(score=1)))
    assert file.unread == ["score", "source"]
    assert file.places == [1, 3, 4]
