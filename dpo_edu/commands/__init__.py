"""The commands of ``dpo-edu``, one file each: a docstring, arguments, ``run``."""

COMMANDS = {
    "Start here": ("tour", "verify"),
    "Exercises": ("next", "check", "hint", "reset", "solution", "watch", "progress"),
    "Your own data": ("model", "train", "export"),
    "For lecturers and maintainers": ("notebooks", "slides"),
}
