"""What a reader stumbles over, counted: telegrams, colons, "a" where "per" is meant.

A rough measure that knows no grammar. A sentence counts as verbless if none of its
words is a common verb in any of its forms (``verbs.txt``: regular ones, then irregular
forms); so it is wrong about some sentences, and equally wrong about all chapters.
"""

import re
from pathlib import Path

ENDINGS = ("", "s", "es", "d", "ed", "ing")


def _forms(verb: str) -> set[str]:
    """walk, walks, walked, walking; carry, carries; cut, cutting."""
    ends = {verb + ending for ending in ENDINGS}
    short = {verb[:-1] + ending for ending in ("ing", "ies", "ied") if len(verb) > 2}
    return ends | short | {verb + verb[-1] + ending for ending in ("ed", "ing")}


def _verbs() -> set[str]:
    regular, irregular = (
        (Path(__file__).with_name("verbs.txt")).read_text().split("\n\n")
    )
    return set(irregular.split()).union(*map(_forms, regular.split()))


VERBS = _verbs()
A_FOR_PER = re.compile(
    r"\b(?:one|two|three|\d[\d,.]*|labels?|pairs?|verdicts?|votes?|steps?|tokens?|nats|"
    r"passes|parameters?|lines?|bytes|words?|files?|draws?|values?|responses?|γλ) a "
    r"(?:pair|step|line|token|row|prompt|response|seed|epoch|batch|game|chapter|round|"
    r"layer|parameter)\b|\bbytes a (?:weight|value)\b"
)


def readable(notebook) -> str:
    """What is read as sentences: no headings, tables, formulas, code, sources."""
    text = re.split(r"(?m)^## Sources$", notebook.markdown)[0]
    text = re.sub(r"(?s)\$\$.*?\$\$", " F. ", text)
    text = re.sub(r"(?s)```.*?```|<summary>.*?</summary>|</?details>", " ", text)
    text = re.sub(r"(?m)^(#|\||>\s*\|).*$", "", text)
    text = re.sub(r"(?m)^> ?|^\s*(?:[-*]|\d+\.) ", "", text)
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "F", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"\*\*[^*]{1,40}[.:]\*\*", "", text)


def unfolded(text: str) -> str:
    """A text file on one line; what stands in adjacent strings of Python is joined."""
    return re.sub(r"\s+", " ", re.sub(r"\"\s*\n\s*\"", "", text))


def sentences(text: str) -> list[str]:
    """Pieces that end with a full stop, question mark or blank line; three words on."""
    pieces = re.split(r"(?<=[.?!])[\s\"”)]+|\n\s*\n|\n(?=\S)", text)
    return [p.strip() for p in pieces if len(re.findall(r"\w+", p)) >= 3]


def is_verbless(sentence: str) -> bool:
    words = re.findall(r"[a-z']+", sentence.lower())
    return not any(word in VERBS for word in words)


def measures(notebook) -> dict[str, float]:
    """Words; verbless sentences in percent; colons and "a" for "per" per 100 words."""
    text = readable(notebook)
    count, said = len(re.findall(r"\w+", text)), sentences(text)
    return {
        "words": count,
        "verbless": 100 * sum(map(is_verbless, said)) / len(said),
        "colons": 100 * text.count(":") / count,
        "a for per": 100 * len(A_FOR_PER.findall(text)) / count,
    }
