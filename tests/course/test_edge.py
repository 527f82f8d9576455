"""The edge of the program: what files, streams and signals do to it is one line.

A command that fails in the way to be tested takes the place of ``verify``.
"""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

import dpo_edu.__main__ as cli
from dpo_edu.validation import InputError, visible
from dpo_edu.validation.interrupts import STOPS

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such thing")


@pytest.fixture
def ending(monkeypatch, capsys):
    """``ending(error)``: exit code and standard error of a command that raises it."""

    def run(error):
        def raises(args):
            raise error

        command = SimpleNamespace(add_arguments=lambda parser: None, run=raises)
        monkeypatch.setattr(cli, "import_module", lambda *_: command)
        code = cli.main(["verify"])
        return code, capsys.readouterr().err

    return run


def program(body, *shell, **options):
    """Run a command with this body in a process of its own, perhaps in a shell."""
    lines = [
        "import os, signal, sys, types, dpo_edu.__main__ as cli",
        "def run(args):",
        *(f"    {line}" for line in body),
        "    return 0",
        "command = types.SimpleNamespace(add_arguments=lambda p: None, run=run)",
        "cli.import_module = lambda *_: command",
        "sys.exit(cli.main(['verify']))",
    ]
    words = [sys.executable, "-c", "\n".join(lines)]
    options = {"preexec_fn": heed_signals if os.name != "nt" else None} | options
    return subprocess.run([*shell, *words], capture_output=True, timeout=60, **options)


def test_what_is_said_is_there_at_once_also_where_output_is_a_file():
    """A file or a pipe would else get it when 8 kB are full, or never."""
    assert program(["print('said')", "os._exit(0)"]).stdout == b"said\n"


def heed_signals():
    """Signals stop a child also where they are ignored here, as under ``nohup``."""
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)


def in_shell(after):
    """Words that let a shell start the program, with something after its call."""
    return ("sh", "-c", f'"$@" {after}', "sh")


# Errors


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("say either"), "say either"),
        (PermissionError(13, "Permission denied", "p.jsonl"), "p.jsonl: Permission"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (FileNotFoundError(2, "No such file"), "the current directory: No such file"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "UnicodeDecodeError: "),
        (UnicodeEncodeError("ascii", "\ud800", 0, 1, "no"), "UnicodeEncodeError: "),
        (EOFError("no more"), "EOFError: no more"),
        (RecursionError("too deep"), "RecursionError: too deep"),
        (OverflowError("too large"), "OverflowError: too large"),
        (MemoryError(), "this machine has too little memory"),
        (InputError("a\n\x1b[2Jb"), r"a\n\x1b[2Jb"),
    ],
)
def test_what_comes_from_outside_is_one_line_and_code_two(error, line, ending):
    code, said = ending(error)
    assert code == 2
    assert said.startswith(f"dpo-edu verify: {line}")
    assert said.count("\n") == 1


def test_a_fault_of_the_program_is_not_hidden(ending):
    with pytest.raises(KeyError):
        ending(KeyError("beta"))


def test_ctrl_c_is_one_line_and_code_130(ending):
    assert ending(KeyboardInterrupt("Go on with: x")) == (
        130,
        "\nStopped. Go on with: x\n",
    )


@pytest.mark.parametrize("text", ["π ✓ ‘quoted’", "a  b", ""])
def test_letters_of_any_language_are_visible_as_they_are(text):
    assert visible(text) == text


def test_what_a_terminal_would_act_on_is_escaped():
    assert visible("\x1b[2J\r\n\t\x07\x9b\u202e\ud800") == (
        r"\x1b[2J\r\n\t\x07\x9b\u202e\ud800"
    )


# Streams


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "utf-16"])
def test_every_text_can_be_printed(encoding):
    done = program(
        ["print('\\u03c0 \\u00b1 \\ud800')"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert ("π" if encoding.startswith("utf") else r"\u03c0") in text
    assert r"\ud800" in text


@posix
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("lines", [3, 100_000])
def test_a_reader_that_has_seen_enough_is_no_error(buffered, lines):
    done = program(
        [f"for n in range({lines}): print('line', n)"],
        *in_shell("| head -1"),
        env=os.environ | {"PYTHONUNBUFFERED": buffered},
    )
    assert (done.stdout, done.stderr) == (b"line 0\n", b"")


@posix
def test_the_overview_can_be_cut_off_too():
    words = f"{sys.executable} -u -m dpo_edu | head -1"
    done = subprocess.run(["sh", "-c", words], capture_output=True, timeout=60)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("after", "said"),
    [
        (">/dev/full", b"dpo-edu verify: No space left on device\n"),
        ("2>/dev/full", b""),
        (">/dev/full 2>/dev/full", b""),
    ],
)
def test_a_full_disk_under_the_output_is_one_line(after, said):
    done = program(["print('x')", "raise cli.InputError('y')"], *in_shell(after))
    assert done.returncode == 2
    assert done.stderr == said


@posix
@pytest.mark.parametrize("after", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_change_nothing_else(after, tmp_path):
    done = program(
        [
            "print('x', sys.stdin.isatty(), sys.stdout.isatty())",
            "open('left', 'w').write('whole')",
        ],
        *in_shell(after),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "left").read_text() == "whole"


# Signals


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_every_way_to_stop_is_one_line(name):
    done = program([f"os.kill(os.getpid(), signal.{name})", "signal.pause()"])
    assert (done.returncode, done.stderr) == (130, b"\nStopped.\n")


@posix
def test_what_is_ignored_stays_ignored():
    body = ["os.kill(os.getpid(), signal.SIGHUP)", "print('still here')"]
    done = program(
        body, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert (done.returncode, done.stdout) == (0, b"still here\n")


@posix
def test_an_error_that_a_library_makes_of_ctrl_c_is_no_traceback():
    body = [
        "try: os.kill(os.getpid(), signal.SIGINT); signal.pause()",
        "except KeyboardInterrupt: raise AssertionError('what nbclient says')",
    ]
    done = program(body)
    assert (done.returncode, done.stderr) == (130, b"\nStopped.\n")


KILL = "import os, signal, time; os.kill(os.getpid(), signal.SIGTERM)\n"


@posix
def test_an_import_is_finished_before_the_program_stops(tmp_path):
    (tmp_path / "slow.py").write_text(f"{KILL}time.sleep(0.3)\nprint('done')\n")
    done = program(["import slow", "signal.pause()"], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (130, b"\nStopped.\n")
    assert done.stdout == b"done\n"


@posix
def test_an_import_without_an_end_is_stopped(tmp_path):
    (tmp_path / "endless.py").write_text(f"{KILL}while True: time.sleep(0.01)\n")
    short = "import dpo_edu.validation.interrupts as i; i.PATIENCE = 0.2"
    done = program([short, "import endless"], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (130, b"\nStopped.\n")


def test_handlers_are_put_back(ending):
    before = [signal.getsignal(number) for number in STOPS]
    ending(InputError("x"))
    assert [signal.getsignal(number) for number in STOPS] == before
