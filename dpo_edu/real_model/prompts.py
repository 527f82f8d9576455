"""What the model is asked: short everyday questions, and which of them are held out.

A trained model is judged on prompts that it was not trained on, so the split is one of
prompts and not of pairs: pairs of one prompt never stand on both sides.
"""

from collections.abc import Sequence

import numpy as np

from ..validation import require, require_type, require_whole

PROMPTS = (
    "How do I boil an egg?",
    "How do I make a cup of tea?",
    "How do I cook rice?",
    "How can I keep bread fresh?",
    "How do I cut an onion without crying?",
    "What can I do with old bananas?",
    "What goes well with tomatoes?",
    "What should I eat before a run?",
    "What is a good breakfast for a cold day?",
    "How do I make a simple soup?",
    "Why does milk go sour?",
    "Why do we put salt in pasta water?",
    "What is the difference between butter and oil?",
    "How do I know that a melon is ripe?",
    "What is a good gift for a cook?",
    "How do I clean a burnt pan?",
    "How do I clean windows?",
    "How do I get a stain out of a shirt?",
    "How often should I wash my towels?",
    "How do I fold a shirt?",
    "How do I fix a dripping tap?",
    "How do I hang a picture on a wall?",
    "How do I paint a room?",
    "How can I make a small room look larger?",
    "How do I keep my house warm in winter?",
    "How can I save water at home?",
    "How can I save money on food?",
    "What should I do when the power goes out?",
    "How do I get rid of ants?",
    "Why does my door squeak?",
    "How do I grow tomatoes on a balcony?",
    "How often should I water a cactus?",
    "When should I plant tulips?",
    "Why do leaves turn red in autumn?",
    "How do I keep birds off my garden?",
    "What is a good plant for a dark room?",
    "How does a seed know when to grow?",
    "How do bees make honey?",
    "Why do cats purr?",
    "How do I teach a dog to sit?",
    "What is a good name for a cat?",
    "How long do goldfish live?",
    "Why do birds sing in the morning?",
    "How do spiders make their webs?",
    "Do fish sleep?",
    "Why do dogs wag their tails?",
    "How do whales breathe?",
    "What do hedgehogs eat?",
    "Why is the sky blue?",
    "Why is the sea salty?",
    "What makes the wind blow?",
    "What causes thunder?",
    "How is a rainbow made?",
    "Why do we have seasons?",
    "Why does the moon change its shape?",
    "How far away is the sun?",
    "What is a shooting star?",
    "Why do stars twinkle?",
    "How do clouds form?",
    "Why is snow white?",
    "Why does ice float?",
    "What is fog?",
    "How does a mirror work?",
    "How does a bicycle stay upright?",
    "How do airplanes fly?",
    "How does a magnet work?",
    "How does a fridge keep food cold?",
    "How does a battery work?",
    "What is glass made of?",
    "What is paper made of?",
    "How is soap made?",
    "Why does metal rust?",
    "Why does bread rise?",
    "How do glasses help people see?",
    "Why do we dream?",
    "Why do we yawn?",
    "Why do we need sleep?",
    "Why do onions make us cry?",
    "How can I fall asleep faster?",
    "How can I wake up earlier?",
    "How much water should I drink?",
    "How can I stop biting my nails?",
    "What helps against a headache?",
    "What helps against hiccups?",
    "How do I treat a small burn?",
    "How can I sit better at my desk?",
    "What is a good exercise for my back?",
    "How do I start running?",
    "How do I learn to swim?",
    "How do I warm up before sport?",
    "How can I remember names?",
    "How can I read more books?",
    "How do I learn a new language?",
    "How do I learn to draw?",
    "How do I learn to play the guitar?",
    "How can I get better at chess?",
    "How do I prepare for a test?",
    "How do I write a thank-you note?",
    "How do I start a letter to an old friend?",
    "How do I say no politely?",
    "How do I apologize to a friend?",
    "How do I make new friends in a new town?",
    "How do I start a conversation?",
    "What should I say at a wedding?",
    "What is a good gift for a teacher?",
    "What can we do on a rainy day?",
    "What is a good game for a long drive?",
    "What should I pack for a weekend by the sea?",
    "What should I take on a hike?",
    "How do I choose a tent?",
    "How do I read a map?",
    "How do I find north without a compass?",
    "What should I see in Rome?",
    "What is the best time to visit Japan?",
    "How do I sleep well on a train?",
    "How do I choose a bicycle?",
    "How do I fix a flat tire?",
    "How do I ask for a raise?",
    "How do I get ready for a job interview?",
    "How do I plan my week?",
    "How can I stop wasting time?",
    "How can I be more patient?",
    "What makes a good leader?",
    "What makes a good story?",
    "What is a poem?",
    "Why do people like music?",
    "What is the use of history?",
    "What is money?",
    "Why do we vote?",
    "Who invented the telephone?",
    "What did people do before there were clocks?",
    "Tell me something about salt.",
    "Tell me something about the moon.",
    "Tell me something about trees.",
    "Tell me a short story about a lost key.",
    "Describe a quiet morning.",
    "Describe the smell of rain.",
    "Describe a busy market.",
)


def split_by_prompt(
    prompts: Sequence[str], held_out: int, seed: int
) -> tuple[list[str], list[str]]:
    """(to train on, held out), in an order drawn from ``seed``.

    ``held_out``: how many different prompts are kept apart. A prompt that stands there
    several times is on one side only. Raises InputError unless both sides get one.

    >>> split_by_prompt(["a", "b", "a", "c"], held_out=1, seed=0)
    (['a', 'b', 'a'], ['c'])
    """
    prompts = _texts(prompts)
    different = [*dict.fromkeys(prompts)]
    require_whole(1, held_out=held_out)
    require_whole(0, 2**63 - 1, seed=seed)
    words = f"held_out must leave a prompt to train on, of {len(different)}"
    require(held_out < len(different), f"{words}: got {held_out}")
    order = np.random.default_rng(seed).permutation(len(different))
    kept = {different[n] for n in order[:held_out]}
    training = [prompt for prompt in prompts if prompt not in kept]
    return training, [different[n] for n in order[:held_out]]


def _texts(prompts: Sequence[str]) -> list[str]:
    require_type((list, tuple), prompts=prompts)
    whole = all(isinstance(prompt, str) for prompt in prompts)
    require(whole, "prompts must be strings, one for each pair or prompt")
    return list(prompts)
