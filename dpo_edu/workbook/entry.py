"""The catalogue record of an exercise: what commands show without running anything."""

from dataclasses import dataclass, fields

TASKS = ("write", "find the bug", "predict", "derive", "diagnose")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The catalogue record of one exercise."""

    name: str  # the function to write
    title: str  # one line: what it is
    minutes: int
    difficulty: int  # 1 to 3
    read: str  # the notebook's section that it belongs to
    hints: tuple[str, str, str]  # from nudge to nearly there
    afterwards: str  # what success was good for, one sentence
    task: str = "write"  # one of TASKS
    needs: tuple[str, ...] = ()  # exercises of the chapter that it builds on

    def record(self) -> dict:
        """The catalogue fields alone, as plain data."""
        return {field.name: getattr(self, field.name) for field in fields(Entry)}
