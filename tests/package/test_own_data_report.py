"""The report of the data: before training, alone, and in report.json."""

import json

import pytest

from dpo_edu.__main__ import main

SMALL = ["--sft-epochs", "1", "--epochs", "1", "--batch-size", "4", "--context", "40"]


def row(number, **fields):
    return {
        "prompt": f"{number}?",
        "chosen": f"yes {number}",
        "rejected": "no",
    } | fields


@pytest.fixture
def train(tmp_path, capsys):
    """``train(rows, *words)``: exit code, what was printed, the line of an error."""

    def go(rows, *words):
        path = tmp_path / "pairs.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in rows))
        words = ["--data", path, "--out", tmp_path / "runs", *SMALL, *words]
        code = main(["train", *map(str, words)])
        captured = capsys.readouterr()
        assert captured.err.count("\n") == (code == 2)
        return code, captured.out, captured.err

    return go


def recorded(tmp_path):
    return json.loads((tmp_path / "runs" / "train-001" / "report.json").read_text())


FAULTY = [
    row(1),
    row(2, chosen="no"),
    row(3, chosen=""),
    row(4, rejected="n" * 60),
    row(5, score_chosen=1, score_rejected=2),
    row(6),
    row(6),
    row(6, chosen="no", rejected="yes 6"),
    row(8, source="me"),
]


def test_all_that_is_wrong_is_told_at_once(train, tmp_path):
    code, said, error = train(FAULTY)
    assert code == 2
    assert not (tmp_path / "runs").exists()
    for words in (
        "9 rows of JSON Lines: 7 pairs on 5 prompts",
        'read 7 as "prompt", "chosen", "rejected" as texts',
        "prompt and answer take 8 bytes in the median",
        "the longest 63 (line 4)",
        'not read: "source"',
        "1 pair is there again",
        "1 comparison is there in both directions",
        "the scores contradict the label in 1 row, line 5",
        "2 rows cannot be trained on:",
        '  line 2: "chosen", "rejected" are the same',
        '  line 3: "chosen" is empty',
    ):
        assert words in said, words
    assert 'line 2: "chosen", "rejected" are the same; also bad: 3' in error
    assert "go on without them with --skip-bad" in error
    assert "line 4: prompt and rejected take 63 tokens" in error
    assert "--max-length" in error


def test_bad_and_long_rows_can_be_left_out_and_are_counted(train, tmp_path):
    assert "line 4: prompt" in train(FAULTY, "--skip-bad")[2]
    assert "line 2: " in train(FAULTY, "--max-length", "40")[2]
    code, said, _ = train(FAULTY, "--skip-bad", "--max-length", "40")
    assert code == 0
    assert "1 pair is longer than --max-length: left out" in said
    data = recorded(tmp_path)["data"]
    assert (data["rows"], data["pairs"], data["dropped"], data["cut"]) == (9, 6, 1, 0)
    assert data["bad"]["rows"] == 2
    assert data["bad"]["first"]["3"] == '"chosen" is empty'
    assert data["training"] + data["held_out"] == 6
    assert data["prompts_on_both_sides"] == 0
    assert data["scores_against_labels"] == [5]


def test_a_long_prompt_can_lose_its_beginning(train, tmp_path):
    rows = [row(n, prompt=f"{n} is a long question, is it not?") for n in range(6)]
    words = ["--max-length", "24", "--too-long", "cut"]
    code, said, _ = train(rows, *words)
    assert code == 0
    assert "6 prompts lost the beginning, to fit --max-length" in said
    assert "all pairs have one prompt" in said  # which now end alike
    data = recorded(tmp_path)["data"]
    assert (data["cut"], data["prompts_on_both_sides"]) == (6, 1)
    run, out = tmp_path / "runs" / "train-001", tmp_path / "out"
    assert main(["export", str(out), "--run", str(run)]) == 0
    pairs = [
        json.loads(line) for line in (out / "pairs.jsonl").read_text().split("\n")[:-1]
    ]
    assert {pair["prompt"] for pair in pairs} == {"estion, is it not?"}
    assert {pair["rejected"] for pair in pairs} == {"no<eos>"}


def test_a_report_alone_trains_nothing(train, tmp_path):
    code, said, _ = train([row(n) for n in range(5)], "--report-only")
    assert code == 0
    assert "5 rows of JSON Lines: 5 pairs on 5 prompts" in said
    assert not (tmp_path / "runs").exists()
    assert train(FAULTY, "--report-only")[0] == 2


def test_ten_bad_rows_are_shown_and_the_others_counted(train):
    code, said, error = train([row(n, chosen="no") for n in range(15)], "--skip-bad")
    assert code == 2
    assert said.count('"chosen", "rejected" are the same') == 10
    assert "  and 5 more" in said
    assert "--skip-bad" not in error  # nothing would be left
    assert "; also bad: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 4 more" in error


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--max-length", "41"], "--max-length of 41 is more than the --context of 40"),
        (["--max-length", "-1"], "--max-length must be 0 or more"),
        (["--max-length", "3"], "no pair fits into a --max-length of 3"),
        (["--too-long", "guess"], "--too-long is drop or cut, not 'guess'"),
        (["--fields", "answer=x"], "--fields names prompt, chosen, rejected, system"),
    ],
)
def test_options_that_make_no_sense_are_refused(words, reason, train):
    code, _, error = train([row(n) for n in range(5)], *words)
    assert code == 2
    assert reason in error


def test_a_conversation_is_trained_on_as_a_dialogue(train, tmp_path):
    rows = [
        {"system": "Be kind", "prompt": f"{n}", "chosen": "a", "rejected": "b"}
        for n in range(4)
    ]
    code, said, _ = train(rows, "--context", "60")
    assert code == 0
    assert (
        'read 4 as "prompt", "system", "chosen", "rejected" as a conversation' in said
    )
    assert r"'\n\nSystem: Be kind\n\nHuman: " in said


def test_a_prompt_in_a_field_s_name_cannot_act_on_the_terminal(train):
    _, said, error = train(
        [row(n, **{"\x1b[2J": 1}) for n in range(3)], "--report-only"
    )
    assert "\x1b" not in said + error


def test_an_export_can_be_trained_on(train, tmp_path):
    rows = [row(n, chosen=f"yes {n}<eos>", rejected="no<eos>") for n in range(5)]
    code, said, _ = train(rows)
    assert code == 0
    assert "<eos> ends 5 rows" in said
    out = tmp_path / "out"
    assert (
        main(["export", str(out), "--run", str(tmp_path / "runs" / "train-001")]) == 0
    )
    written = [json.loads(line) for line in (out / "pairs.jsonl").open()]
    assert written == rows
