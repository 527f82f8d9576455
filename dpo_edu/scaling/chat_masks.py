"""Which tokens of a conversation the assistant wrote: turn by turn, as token numbers.

A template writes roles, questions and the results of tools around what the assistant
says. Only the assistant's own tokens, its end marks included, are decisions of the
policy. Which of them a loss scores is a choice: the last turn, or every turn. This
module knows no model and no loss.
"""

from ..validation import require, require_list_of
from .transformers_policy import conversation_tokens

ASSISTANT = "assistant"


def assistant_turns(tokenizer, messages: list[dict[str, str]]):
    """(tokens, turn) of a whole chat; turn is k on what the assistant's k-th turn says.

    It is 0 on all that others wrote, and on the marks that open a turn. The chat ends
    with a turn of the assistant. Raises InputError where the template writes a turn in
    another way once the chat goes on: then no mask fits both, and each turn needs a row
    of its own.
    """
    require_list_of(dict, messages=messages)
    places = [n for n, m in enumerate(messages) if m.get("role") == ASSISTANT]
    ended = bool(places) and places[-1] == len(messages) - 1
    require(ended, "messages must end with what the assistant says")
    tokens, turn = list[int](), list[int]()
    for number, place in enumerate(places, start=1):
        answer = messages[place].get("content", "")
        asked, said = conversation_tokens(tokenizer, messages[:place], answer)
        kept = asked[: len(tokens)] == tokens
        require(kept, f"turn {number}: the template writes earlier turns differently")
        turn += [0] * (len(asked) - len(turn)) + [number] * len(said)
        tokens = asked + said
    return tokens, turn
