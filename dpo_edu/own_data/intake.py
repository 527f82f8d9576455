"""What a run takes from its file of pairs: read, fitted, reported, and good or refused.

Whatever cannot be trained on is refused in one line, after the report has told what is
in the file. Nothing is written, and no torch is needed.
"""

from pathlib import Path
from typing import NamedTuple

from ..validation import require, require_type, visible
from .comparison import TextPair, as_text
from .data_report import byte_lengths, described, doubts, summary
from .lengths import fit, too_long
from .pairs import PairsFile, read_file, told
from .settings import OwnSettings
from .splitting import equal_pairs


class Taken(NamedTuple):
    """The pairs of a file that a run is fed."""

    file: PairsFile
    pairs: list[TextPair]
    places: list[int]  # line or row of each
    record: dict  # the report of the data


def take(settings: OwnSettings) -> Taken:
    """The pairs that a run with these settings is fed; bad rows are left out."""
    require_type(OwnSettings, settings=settings)
    file = read_file(Path(settings.data), settings.fields)
    pairs, places, lost = [as_text(pair) for pair in file.pairs], file.places, {}
    if settings.max_length:
        fitted = fit(pairs, settings.max_length, settings.too_long)
        lost = {"dropped": len(pairs) - len(fitted.pairs), "cut": fitted.cut}
        pairs, places = fitted.pairs, [places[number] for number in fitted.numbers]
    return Taken(
        file,
        pairs,
        places,
        described(file, pairs, places, byte_lengths(pairs, settings)) | lost,
    )


def report(settings: OwnSettings) -> Taken:
    """Print what is in the file; then InputError where it cannot be trained on."""
    taken = take(settings)
    lines = [settings.data, *summary(taken.record), *doubts(taken.record)]
    print(*map(visible, lines), sep="\n", flush=True)
    _require_rows(taken, settings)
    _require_pairs(taken, settings)
    return taken


def _require_rows(taken: Taken, settings: OwnSettings) -> None:
    """Raise one line that tells of all bad rows and of all that are too long."""
    file, words = taken.file, []
    if file.faults and not (settings.skip_bad and taken.pairs):
        skip = ": mend them, or go on without them with --skip-bad"
        words.append(told(file) + skip * bool(taken.pairs))
    called = [f"{file.unit} {place}" for place in taken.places]
    words += filter(None, [too_long(taken.pairs, settings.context, called)])
    require(not words, f"{settings.data}, {'; and '.join(words)}")


def _require_pairs(taken: Taken, settings: OwnSettings) -> None:
    """Raise where there is nothing to train on and to hold out."""
    place, most = settings.data, settings.max_length
    require(taken.pairs, f"{place}: no pair fits into a --max-length of {most}")
    require(len(taken.pairs) > 1, f"{place}: one pair is too few")
    require(len(equal_pairs(taken.pairs)) > 1, f"{place}: all pairs are the same")
