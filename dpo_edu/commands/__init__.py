"""The commands of ``dpo-edu``, one file each: a docstring, arguments, ``run``."""

COMMANDS = {
    "Start here": ("tour", "verify"),
    "Exercises": ("next", "check", "hint", "reset", "solution", "watch", "progress"),
    "A real model": ("model", "real"),
    "Your own data": ("train", "export"),
    "For lecturers and maintainers": ("notebooks", "slides", "site"),
}
