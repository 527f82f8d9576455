"""Byte-pair encoding in three merges, enough to see tokens run across a seam.

Text is cut into characters; then each merge, in order, joins every place where its two
pieces stand side by side (Sennrich et al. 2016). The space is written "_".
This module does not know how merges are learned, nor any model.
"""

MERGES = (("_", "n"), ("_n", "o"), ("y", "e"))


def encode(text: str, merges=MERGES) -> list[str]:
    """Cut ``text`` into pieces.

    >>> encode("hot?_no"), encode("hot?_yes")
    (['h', 'o', 't', '?', '_no'], ['h', 'o', 't', '?', '_', 'ye', 's'])
    """
    pieces = list(text)
    for left, right in merges:
        joined: list[str] = []
        for piece in pieces:
            if joined and (joined[-1], piece) == (left, right):
                piece = joined.pop() + piece
            joined.append(piece)
        pieces = joined
    return pieces


def seam_holds(prompt: str, answer: str) -> bool:
    """Whether the prompt's pieces alone are a beginning of the whole text's pieces.

    >>> seam_holds("hot?_", "yes"), seam_holds("hot?_", "no"), seam_holds("hot?", "_no")
    (True, False, True)
    """
    ahead = encode(prompt)
    return encode(prompt + answer)[: len(ahead)] == ahead
