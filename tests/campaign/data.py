"""Files of pairs as the world has them: read and accepted, or refused in one line."""

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


def cases(parent: Path):
    place = material.new_place(parent)
    dice = random.Random(1)
    fuzzed = {f"fuzz {n}": _mutated(BOTH.encode(), dice) for n in range(FUZZED)}
    for title, content in (FILES | fuzzed).items():
        (place / "pairs.jsonl").write_bytes(content)
        words = [*material.TRAIN, "--data", "pairs.jsonl"]
        ending = run(words, place, material.stop_before_training)
        yield title, judged(ending, place, (130,))


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
