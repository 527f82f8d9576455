"""When these tests run, and which files they read."""

from pathlib import Path

from dpo_edu.workbook.catalogue import chapters
from dpo_edu.workbook.folder import find_folder

HERE = Path(__file__).parent


def pytest_addoption(parser):
    """``--strict-exercises``, which is known where this folder is named."""
    help = "what is not done fails instead of being skipped"
    parser.addoption("--strict-exercises", action="store_true", help=help)


def pytest_ignore_collect(config):
    """Ignore everything here unless it was asked for by name."""
    named = [Path(arg.split("::")[0]).resolve() for arg in config.args]
    return None if any(path == HERE or HERE in path.parents for path in named) else True


def pytest_terminal_summary(terminalreporter):
    """Where a chapter is written in twice, say which file was read."""
    for remark in find_folder(HERE).remarks(chapters()):
        terminalreporter.write_line(remark)
