"""What a run takes from its file of pairs: read, written as tokens, reported, fitted.

As ``own_data.intake`` for the small model, in the model's own tokens. Whatever cannot
be trained on is refused in one line, after the report; no weights are loaded yet.
"""

from pathlib import Path
from typing import NamedTuple

from ..own_data.comparison import Pair, TextPair, as_text
from ..own_data.data_report import Lengths, described, doubts, summary
from ..own_data.pairs import PairsFile, read_file, told
from ..own_data.splitting import Split, equal_pairs, shared_prompts, split, together
from ..real_model.pairs import AnswerPair
from ..validation import InputError, counted, require, visible
from .memory import needed
from .memory import told as model_told
from .settings import ModelSettings
from .start import Base
from .tokens import encoded, length, shortened


class Row(NamedTuple):
    """One pair that is trained on."""

    pair: Pair
    tokens: AnswerPair
    place: int  # its line or row, from 1


class Taken(NamedTuple):
    """The pairs of a file that a run is fed."""

    file: PairsFile
    rows: list[Row]
    too_long: list[Row]  # for the model's window
    record: dict  # the report of the data

    @property
    def texts(self) -> list[TextPair]:
        """The pairs in words alone, as they are compared with each other."""
        return [as_text(row.pair) for row in self.rows]


def take(settings: ModelSettings, base: Base) -> Taken:
    """The pairs that a run with these settings is fed; bad rows are left out."""
    file = read_file(Path(settings.data), settings.fields)
    rows, lost = _fitted(_rows(file, settings, base), settings, base)
    longest = [length(row.tokens) for row in rows]
    lengths = Lengths(
        "tokens", longest, needed(base, settings, max(longest, default=0))
    )
    places = [row.place for row in rows]
    texts = [as_text(row.pair) for row in rows]
    record = described(file, texts, places, lengths) | lost
    record["plain_prompts"] = sum(isinstance(row.pair.prompt, str) for row in rows)
    window = [row for row in rows if length(row.tokens) > base.window]
    return Taken(file, rows, window, record)


def _rows(file: PairsFile, settings: ModelSettings, base: Base) -> list[Row]:
    """Every pair with its tokens; what the template cannot write becomes a fault."""
    rows = []
    for pair, place in zip(file.pairs, file.places, strict=True):
        try:
            tokens = encoded(base.tokenizer, pair, settings.plain_prompts)
            rows.append(Row(pair, tokens, place))
        except InputError as fault:
            file.faults.setdefault(place, str(fault))
    file.faults = dict(sorted(file.faults.items()))
    return [row for row in rows if row.place not in file.faults]


def _fitted(rows: list[Row], settings: ModelSettings, base: Base):
    """(rows within --max-length, how many were dropped and cut)."""
    if not settings.max_length:
        return rows, {}
    kept, cut = [], 0
    for row in rows:
        if length(row.tokens) > settings.max_length:
            if settings.too_long == "drop":
                continue
            words = base.tokenizer, row.pair, settings.plain_prompts
            fewer = shortened(*words, settings.max_length)
            if fewer is None:
                continue
            row, cut = Row(*fewer, row.place), cut + 1
        kept.append(row)
    return kept, {"dropped": len(rows) - len(kept), "cut": cut}


def report(settings: ModelSettings, base: Base) -> Taken:
    """Print what is in the file; then InputError where it cannot be trained on."""
    taken = take(settings, base)
    lines = [settings.data, *summary(taken.record), model_told(base, settings)]
    lines += [*_prompts(taken, settings), *doubts(taken.record)]
    print(*map(visible, lines), sep="\n", flush=True)
    _require_rows(taken, settings, base)
    require(taken.rows, f"{settings.data}: no pair fits into --max-length")
    require(len(taken.rows) > 1, f"{settings.data}: one pair is too few")
    several = len(equal_pairs(taken.texts)) > 1
    require(several, f"{settings.data}: all pairs are the same")
    return taken


def _prompts(taken: Taken, settings: ModelSettings) -> list[str]:
    """Where plain prompts go, if there are any."""
    number = taken.record["plain_prompts"]
    if not number:
        return []
    some = counted(number, "plain prompt")
    if settings.plain_prompts == "chat":
        words = "what the user says, in the model's chat template"
        return [f"{some}: {words} (--plain-prompts text leaves them as they are)"]
    return [f"{some}: text as it stands, then the answer, then the end mark"]


def _require_rows(taken: Taken, settings: ModelSettings, base: Base) -> None:
    """Raise one line that tells of all bad rows and of all that are too long."""
    file, words = taken.file, []
    if file.faults and not (settings.skip_bad and taken.rows):
        skip = ": mend them, or go on without them with --skip-bad"
        words.append(told(file) + skip * bool(taken.rows))
    if taken.too_long:
        first, most = taken.too_long[0], max(length(r.tokens) for r in taken.too_long)
        words.append(
            f"{file.unit} {first.place}: prompt and answer take "
            f"{length(first.tokens):,} tokens, and the model reads {base.window:,}; "
            f"{counted(len(taken.too_long), 'pair')} too long, the longest takes "
            f"{most:,}: drop or cut such rows with --max-length"
        )
    require(not words, f"{settings.data}, {'; and '.join(words)}")


def parted(taken: Taken, settings: ModelSettings) -> tuple[Split, dict]:
    """(numbers of the rows on either side, the data's record with their counts)."""
    texts = taken.texts
    parts = split(together(texts), settings.held_out, settings.seed)
    sides = {"training": len(parts.training), "held_out": len(parts.held_out)}
    sides["prompts_on_both_sides"] = shared_prompts(texts, parts)
    return parts, taken.record | sides
