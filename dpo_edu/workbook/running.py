"""Check a selection of exercises in the learner's folder: from files to a report."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .catalogue import Chapter, Entry, chapters, find, find_one
from .folder import Folder
from .process import Outcome, run, start_fresh
from .report import DONE, NOT_YET, TO_DO, WAITING, Failure, Report, Result
from .worker import Job, chapter_checks

Selection = Sequence[tuple[Chapter, Entry]]


def select(words: Iterable[str] = ()) -> Selection:
    """Exercises named by chapters or names; without any, the whole course."""
    words = list(words)
    if not words:
        return [(chapter, entry) for chapter in chapters() for entry in chapter.entries]
    return list(dict.fromkeys(pair for word in words for pair in find(word)))


def check_selection(
    selection: Selection, folder: Folder, start: Callable = start_fresh
) -> Report:
    """Run the checks of every selected exercise; untouched files are not even run."""
    names: dict[Chapter, list[str]] = {}
    for chapter, entry in selection:
        names.setdefault(chapter, []).append(entry.name)
    touched = [chapter for chapter in names if folder.written(chapter)]
    jobs = [_job(chapter, names[chapter], folder) for chapter in touched]
    outcomes = dict(zip(touched, run(jobs, start), strict=True))
    results = [
        result
        for chapter in names
        for result in _results(chapter, names[chapter], outcomes.get(chapter))
    ]
    trouble = [_trouble(c, o.trouble) for c, o in outcomes.items() if o.trouble]
    return Report(tuple(results), next_up(selection, results, folder), tuple(trouble))


NEXT = "dpo-edu next"


def next_up(selection: Selection, results: list[Result], folder: Folder) -> str:
    """The first exercise in these chapters that is not done, else the next one.

    One that was not selected and is written may be done or not: then it is the command
    that finds out.
    """
    if unfinished := [r.exercise for r in results if r.verdict != DONE]:
        return unfinished[0]
    selected = {entry.name for _, entry in selection}
    here = [*dict.fromkeys(chapter for chapter, _ in selection)]
    for chapter in here:
        stubs = folder.stubs(chapter)
        for name in chapter.names:
            if name not in selected:
                return name if name in stubs else NEXT
    names = [name for chapter in chapters() for name in chapter.names]
    last = max((names.index(c.names[-1]) for c in here), default=-1)
    return next(iter(names[last + 1 :]), "")


def first_unfinished(folder: Folder) -> str:
    """The first exercise of the course that is not done; '' if there is none."""
    return check_selection(select(), folder).next_up


def with_stage_counts(report: Report) -> Report:
    """Every result with its number of stages, what was not run included."""
    from .examine import checks_of  # imports torch, which took its time in the child

    counted = []
    for result in report.results:
        if not result.stages_total:
            chapter, _ = find_one(result.exercise)
            checks = checks_of(chapter_checks(chapter.stem)[result.exercise])
            result = replace(result, stages_total=len({c.stage for c in checks}))
        counted.append(result)
    return replace(report, results=tuple(counted))


def with_needs(chapter: Chapter, names: Iterable[str]) -> set[str]:
    """The exercises and, through any number of steps, those that they build on."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += chapter.entry(name).needs
    return wanted


def _job(chapter: Chapter, names: list[str], folder: Folder) -> Job:
    wanted = with_needs(chapter, names)
    ordered = tuple(name for name in chapter.names if name in wanted)
    return Job(chapter.stem, str(folder.file(chapter)), ordered)


def _results(chapter: Chapter, names: list[str], outcome: Outcome | None):
    """The verdicts on the named exercises of one chapter, in its order."""
    names = [name for name in chapter.names if name in names]
    if outcome is None:
        return [Result(name, TO_DO, chapter.number) for name in names]
    if outcome.trouble:
        waiting = (chapter.file,)
        return [Result(n, WAITING, chapter.number, waiting_for=waiting) for n in names]
    done = {name for name, r in outcome.results.items() if r.verdict == DONE}
    return [_finish(chapter, outcome.results[name], done) for name in names]


def _finish(chapter: Chapter, result: Result, done: set[str]) -> Result:
    """Unfinished ones wait for what they need."""
    needs = chapter.entry(result.exercise).needs
    missing = tuple(name for name in needs if name not in done)
    if missing and result.verdict != DONE:
        waiting = Result(result.exercise, WAITING, chapter.number, waiting_for=missing)
        return replace(waiting, stages_total=result.stages_total)
    return finished(chapter, result)


def finished(chapter: Chapter, result: Result) -> Result:
    """With what the chapter's records know."""
    entry = chapter.entry(result.exercise)
    failure = result.failure
    if failure:
        read = chapter.where(failure.read or entry.read)
        failure = replace(failure, read=read)
    message = entry.afterwards if result.verdict == DONE else ""
    return replace(result, chapter=chapter.number, failure=failure, message=message)


def _trouble(chapter: Chapter, words: str) -> Result:
    failure = Failure("imports", words)
    return Result(chapter.file, NOT_YET, chapter.number, failure=failure)
