r"""Conversations: lists of messages, and dialogues in plain text.

    {"role": "user", "content": "Hi!"}    {"from": "human", "value": "Hi!"}
    "\n\nHuman: Hi!\n\nAssistant: Hello."          (Bai et al. 2022)

The prompt is what two conversations share, each of them ends with one answer. This
module does not know what fields are called.
"""

import re

from ...validation import InputError, require, require_list_of, require_type
from ..comparison import Message, Pair, listed

SPEAKERS = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "bot", "model", "chatgpt"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation"), "tool"),
}
SAYS, SAID = ("role", "from"), ("content", "value", "text")
TURN = re.compile(r"(?:^|\n\n)(Human|Assistant):")
Messages = tuple[Message, ...]
Content = str | Messages  # a text, or a conversation


def is_message(value) -> bool:
    """Whether this is a dictionary that names a speaker."""
    return isinstance(value, dict) and any(key in value for key in SAYS)


def messages_of(messages: list, name: str) -> Messages:
    """The messages of a list of dictionaries; ``name`` is its field's."""
    require_type(str, name=name)
    require_type(list, messages=messages)
    require(all(is_message(message) for message in messages), _unclear(name))
    return tuple(_message(message, name) for message in messages)


def _unclear(name: str) -> str:
    return f'"{name}" is neither a text nor messages with "role" and "content"'


def _message(value: dict, name: str) -> Message:
    said = next((value[key] for key in SAYS if key in value), None)
    role = SPEAKERS.get(str(said).lower())
    if role is None:
        raise InputError(f'"{name}" has a message of the unknown role {said!r}')
    return Message(role, text_of(value, name))


def text_of(message: dict, name: str) -> str:
    """What a message says: a text, or parts that are texts."""
    require_type(dict, message=message)
    require_type(str, name=name)
    said = (message[key] for key in SAID if message.get(key) is not None)
    content = next(said, None)
    if isinstance(content, list):
        parts = [_part(part) for part in content]
        content = None if None in parts else "".join(map(str, parts))
    if not isinstance(content, str):
        raise InputError(f'"{name}" has a message that is no text')
    return content


def _part(part) -> str | None:
    """The text of one part of a message; None of a picture."""
    if isinstance(part, dict) and part.get("type", "text") == "text":
        return next((part[key] for key in SAID if isinstance(part.get(key), str)), None)
    return part if isinstance(part, str) else None


def _dialogue_of(text: str) -> Messages | None:
    """The turns of a dialogue in plain text; None where it is none."""
    text = text.strip()
    if not text.startswith("Human:") or "\n\nAssistant:" not in text:
        return None
    names, said = TURN.findall(text), TURN.split(text)[2::2]
    turns = zip(names, said, strict=True)
    return tuple(Message(SPEAKERS[who.lower()], says.strip()) for who, says in turns)


def joined(
    answers: tuple[Content, Content],
    names: tuple[str, str],
    asked: Content | None = None,
    system: str | None = None,
) -> Pair:
    """The pair of two answers, whichever way a row writes its conversation.

    asked: what the prompt's field holds; names: of the fields of the answers.
    """
    require_type(tuple, answers=answers)
    for answer in answers:
        require_type((str, tuple), answers=answer)
    require_list_of(str, names=names)
    require(len(answers) == len(names) == 2, "answers and names must be two each")
    require_type((str, tuple, type(None)), asked=asked)
    require_type((str, type(None)), system=system)
    one, other = map(_as_turns, answers)
    if isinstance(one, tuple) and isinstance(other, tuple):
        before = _shared(one, other)
        asked = _begun(asked, before)
        one = _answer(one[len(before) :], names[0])
        other = _answer(other[len(before) :], names[1])
    if isinstance(one, tuple) or isinstance(other, tuple):
        raise InputError(f"{listed(names)}: one is a text, the other a conversation")
    if asked is None:
        raise InputError('no "prompt", nothing is asked: say with --fields what is')
    return _after(asked, system, one, other)


def _as_turns(answer: Content) -> Content:
    return (_dialogue_of(answer) or answer) if isinstance(answer, str) else answer


def _shared(one: Messages, other: Messages) -> Messages:
    """The turns with which both begin, the last of each left out."""
    most = min(len(one), len(other)) - 1
    differ = (n for n in range(most) if one[n] != other[n])
    return one[: next(differ, max(most, 0))]


def _answer(turns: Messages, name: str) -> str:
    """The one answer with which a conversation goes on."""
    words = f'the conversation in "{name}" leaves the other before its last turn'
    require(len(turns) == 1, f"{words}: one answer each is compared")
    role, content = turns[0]
    require(role == "assistant", f'"{name}" does not end with what the assistant says')
    return content


def _begun(asked: Content | None, before: Messages) -> Messages | None:
    """The conversation up to the answers; ``before`` may repeat what was asked."""
    if asked is None:
        return before or None
    if isinstance(asked, str):
        return before or _opened(asked) or (Message("user", asked),)
    return before if before[: len(asked)] == asked else asked + before


def _opened(text: str) -> Messages:
    """The turns of a dialogue up to where the assistant is to speak; none of a text."""
    turns = _dialogue_of(text) or ()
    return turns[:-1] if turns[-1:] == (Message("assistant", ""),) else turns


def _after(asked: Content, system: str | None, chosen: str, rejected: str) -> Pair:
    """The pair, with the system's message first if there is one."""
    if isinstance(asked, str) and (turns := _opened(asked)):
        answers = (text.removeprefix(" ") for text in (chosen, rejected))
        return _after(turns, system, *answers)
    if system is None:
        return Pair(asked, chosen, rejected)
    turns = (Message("user", asked),) if isinstance(asked, str) else asked
    silent = not system.strip() or any(turn.role == "system" for turn in turns)
    first = () if silent else (Message("system", system),)
    return Pair(first + turns, chosen, rejected)
