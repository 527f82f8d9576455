"""Files of pairs as the world has them: read and accepted, or refused in one line."""

import gzip
import json
import random
from pathlib import Path

from . import material
from .trial import judged, run

FUZZED = 150
GOOD = '{"prompt": "Sky? ", "chosen": "Blue", "rejected": "Green"}'
OTHER = '{"prompt": "2+2? ", "chosen": "4", "rejected": "5"}'
BOTH = f"{GOOD}\n{OTHER}\n"


def _pair(**fields):
    return json.dumps({"prompt": "x", "chosen": "a", "rejected": "b"} | fields)


FILES = {
    "good": BOTH.encode(),
    "without a last line end": BOTH.strip().encode(),
    "CRLF": BOTH.replace("\n", "\r\n").encode(),
    "CR": BOTH.replace("\n", "\r").encode(),
    "BOM": BOTH.encode("utf-8-sig"),
    "UTF-16": BOTH.encode("utf-16"),
    "UTF-16 without BOM": BOTH.encode("utf-16-le"),
    "UTF-32": BOTH.encode("utf-32"),
    "latin-1": _pair(chosen="ä").encode().decode("unicode_escape").encode("latin-1"),
    "empty": b"",
    "blank": b"\n \n\t\n",
    "one pair": GOOD.encode(),
    "the same pair": f"{GOOD}\n".encode() * 20,
    "a pair and its reverse": (
        GOOD + "\n" + GOOD.replace("Blue", "?").replace("Green", "Blue")
    ).encode(),
    "array": f"[{GOOD},{OTHER}]".encode(),
    "pretty array": json.dumps([json.loads(GOOD)] * 2, indent=2).encode(),
    "compressed": b"\x1f\x8b\x08" + bytes(40),
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "zeros": bytes(4_000),
    "deep": (BOTH + "[" * 100_000 + "]" * 100_000).encode(),
    "long integer": (BOTH + "1" * 5_000).encode(),
    "long field": (BOTH + json.dumps({"n" * 100_000: 1})).encode(),
    "U+2028": (BOTH + _pair(chosen="a\u2028b")).encode(),
    "control characters": (BOTH + _pair(chosen="\x1b[2J\0\x07")).encode(),
    "half a character": (BOTH + _pair(chosen="\ud800")).encode(),
    "eos": (BOTH + _pair(chosen="a<eos>")).encode(),
    "long rows": (BOTH + _pair(chosen="y" * 30_000)).encode(),
    "many bad lines": b"x\n" * 50_000,
    "10,000 pairs": "".join(
        _pair(prompt=str(n)) + "\n" for n in range(10_000)
    ).encode(),
    "duplicate keys": b'{"prompt": "x", "prompt": 3, "chosen": "a", "rejected": "b"}',
    **{
        f"{field} is {value!r}": (BOTH + _pair(**{field: value})).encode()
        for field in ("prompt", "chosen", "rejected")
        for value in (None, 3, 1.5, True, [], {}, "", " ", ["a"], {"role": "user"})
    },
}


def _talk(end: str, **more) -> list[dict]:
    asked = {"role": "user", "content": "Hi"}
    return [asked, {"role": "assistant", "content": end} | more]


CONVERSATIONS = (
    {"chosen": _talk("yes"), "rejected": _talk("no")},
    {"prompt": _talk("yes")[:1], "chosen": _talk("yes")[1:], "rejected": "no"},
    {
        "conversations": [{"from": "human", "value": "Hi"}],
        "chosen": "a",
        "rejected": "b",
    },
    {
        "chosen": "\n\nHuman: x\n\nAssistant: a",
        "rejected": "\n\nHuman: x\n\nAssistant: b",
    },
    {"system": "Be kind", "prompt": "x", "chosen": "a", "rejected": ["b", "c"]},
    {"prompt": "x", "completion_a": "a", "completion_b": "b", "preference": "b"},
    {"prompt": "x", "completion": "a", "label": True},
    {"chosen": _talk("a", tool_calls=[]), "rejected": _talk(None)},
    {"prompt": "x", "chosen": "a<eos>", "rejected": "b<eos>"},
)
TALKS = "".join(json.dumps(row) + "\n" for row in CONVERSATIONS)
CSV = 'prompt,chosen,rejected\nx,"a, ""b""\nc",d\ny,e,f\n'
NAMED = {
    "CSV": ("pairs.csv", CSV.encode()),
    "TSV": ("pairs.tsv", CSV.replace(",", "\t").encode()),
    "semicolons": ("pairs.csv", b"prompt;chosen;rejected\nx;a;b\ny;a;b\n"),
    "CSV without a last quote": ("pairs.csv", CSV.encode()[:-8] + b'"'),
    "CSV of a header": ("pairs.csv", b"prompt,chosen,rejected\n"),
    "CSV with a cell too many": ("pairs.csv", CSV.encode() + b"a,b,c,d\n"),
    "CSV with one name twice": ("pairs.csv", b"prompt,prompt,chosen\na,b,c\n"),
    "JSON in a CSV": ("pairs.csv", BOTH.encode()),
    "gzip": ("pairs.jsonl.gz", gzip.compress(BOTH.encode())),
    "gzip of gzip": ("pairs.gz", gzip.compress(gzip.compress(BOTH.encode()))),
    "gzip cut short": ("pairs.gz", gzip.compress(BOTH.encode())[:-5]),
    "gzip of nothing": ("pairs.gz", gzip.compress(b"")),
    "zstd": ("pairs.jsonl.zst", b"\x28\xb5\x2f\xfd" + bytes(40)),
    "Parquet of nothing": ("pairs.parquet", b"PAR1" + bytes(40) + b"PAR1"),
    "array cut short": ("pairs.json", f"[{GOOD},".encode()),
    "array of arrays": ("pairs.json", b"[[1], [2]]"),
    "deep array": ("pairs.json", b"[" * 100_000),
    "object of columns": ("pairs.json", b'{"prompt": ["x"], "chosen": ["a"]}'),
    **{
        f"row {n}": ("x.jsonl", f"{json.dumps(row)}\n{OTHER}".encode())
        for n, row in enumerate(CONVERSATIONS)
    },
}
OPTIONS = (
    [],
    ["--skip-bad"],
    ["--max-length", "12"],
    ["--max-length", "12", "--too-long", "cut", "--skip-bad"],
    ["--report-only"],
    ["--fields", "prompt=prompt,chosen=rejected,rejected=chosen"],
)


def cases(parent: Path):
    place, dice = material.new_place(parent), random.Random(1)
    fuzzed = {f"fuzz {n}": _mutated(BOTH.encode(), dice) for n in range(FUZZED)}
    files = {title: ("pairs.jsonl", data) for title, data in (FILES | fuzzed).items()}
    for title, (name, content) in (files | NAMED).items():
        yield title, _verdict(place, name, content, [])
    for number in range(FUZZED):
        name, content = dice.choice([("x.jsonl", TALKS), ("x.csv", CSV)])
        options = dice.choice(OPTIONS)
        data = _mutated(content.encode(), dice)
        if dice.random() < 0.2:
            name, data = f"{name}.gz", _mutated(gzip.compress(data), dice)
        yield f"fuzz {number} of {name}", _verdict(place, name, data, options)


def _verdict(place: Path, name: str, content: bytes, options: list[str]):
    (place / name).write_bytes(content)
    words = [*material.TRAIN, "--data", name, *options]
    ending = run(words, place, material.stop_before_training)
    return judged(ending, place, (0,) if "--report-only" in options else (130,))


def _mutated(content: bytes, dice: random.Random) -> bytes:
    """Some bytes exchanged, removed, doubled or put in."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data))
        odd = dice.choice([b"\0", b"\xff", b"\\", b'"', b"{", b"\n", b"\xed\xa0\x80"])
        match dice.randrange(4):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                del data[place : place + dice.randint(1, 20)]
            case 2:
                data[place:place] = data[place : place + dice.randint(1, 40)]
            case 3:
                data[place:place] = odd
        data = data or bytearray(b"x")
    return bytes(data)
