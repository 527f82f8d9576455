"""Rules about one file, checked together: a failure lists all that breaks them."""

from collections.abc import Callable, Iterator


class Rulebook:
    """Functions that yield what is wrong with a subject; their names say the rule."""

    def __init__(self):
        self.rules: list[Callable] = []

    def rule(self, function: Callable) -> Callable:
        """Enter a rule (a decorator)."""
        self.rules.append(function)
        return function

    def breaches(self, subject) -> list[str]:
        """One line for each thing that is wrong: the rule, then where and what."""
        return [
            f"{sentence(rule)}: {what}"
            for rule in self.rules
            for what in _what_is_wrong(rule, subject)
        ]


def sentence(rule: Callable) -> str:
    """The rule in words, which is its name."""
    return rule.__name__.replace("_", " ")


def _what_is_wrong(rule: Callable, subject) -> Iterator[str]:
    """What the rule yields; a rule that cannot even be applied is broken too."""
    try:
        yield from rule(subject)
    except Exception as error:
        yield f"cannot be checked: {error!r}"
