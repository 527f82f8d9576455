"""Which tokens of a chat the assistant wrote, against the text that it is made of."""

from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="pip install -e '.[dev]'")

from dpo_edu.experiments.scaling import tool_chat
from dpo_edu.experiments.scaling.tool_chat import CHOSEN, REJECTED, RULES, gap
from dpo_edu.real_model import cache
from dpo_edu.scaling.chat_masks import assistant_turns
from dpo_edu.scaling.transformers_policy import conversation_tokens
from dpo_edu.validation import InputError


def test_what_is_scored_is_what_the_assistant_says_and_its_end_mark():
    tokenizer = tool_chat.tokenizer()
    tokens, turn = assistant_turns(tokenizer, CHOSEN)
    words = tokenizer.convert_ids_to_tokens(tokens)
    for number, said in ((1, tool_chat.CALL), (2, tool_chat.ANSWER)):
        here = [w for w, k in zip(words, turn, strict=True) if k == number]
        assert here == [*said.split(), "<|im_end|>"]
    rest = [w for w, k in zip(words, turn, strict=True) if not k]
    assert rest.count("<|im_start|>") == 5  # system, user, assistant, tool, assistant
    assert tool_chat.FOUND.split()[-1] in rest


def test_the_last_turn_is_the_response_of_conversation_tokens():
    tokenizer = tool_chat.tokenizer()
    tokens, turn = assistant_turns(tokenizer, CHOSEN)
    asked, said = conversation_tokens(tokenizer, CHOSEN[:-1], CHOSEN[-1]["content"])
    assert tokens == asked + said
    assert turn[len(asked) :] == [2] * len(said)


def test_a_template_that_rewrites_earlier_turns_is_refused():
    forgets = tool_chat.tokenizer(tool_chat.FORGETS_REASONING)
    assert assistant_turns(forgets, CHOSEN)[1].count(1) == 6  # one question: all kept
    with pytest.raises(InputError, match="turn 2: the template writes earlier turns"):
        assistant_turns(forgets, tool_chat.TWO_QUESTIONS)


@pytest.mark.parametrize("messages", [[], CHOSEN[:1], CHOSEN[:3]])
def test_a_chat_ends_with_the_assistant(messages):
    with pytest.raises(InputError, match="must end with what the assistant says"):
        assistant_turns(tool_chat.tokenizer(), messages)


def test_shared_turns_cancel_and_the_tool_s_words_do_not():
    shared = [gap("same tool call", rule) for rule in RULES]
    assert max(shared) - min(shared) < 1e-10
    apart = [gap("other tool call", rule) for rule in RULES]
    assert len({round(value, 6) for value in apart}) == len(RULES)


def test_the_template_is_smollm2_s_own():
    fetched = Path(cache.place("smollm2")) / "chat_template.jinja"
    if not fetched.is_file():
        pytest.skip("dpo-edu model smollm2 has not fetched it")
    assert fetched.read_text("utf-8") == tool_chat.TEMPLATE


def test_a_pair_is_two_chats_with_the_same_question():
    assert all(chat[0] == CHOSEN[0] for chat in REJECTED.values())
