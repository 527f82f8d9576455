"""How a slide is laid out: heading apart, a picture beside few words, size of type.

A slide here is a list of cells, the first of them its heading.
"""

import base64
import copy
import re
import struct

from .notebook_files import has_picture

WIDEST = 1.75  # of a picture that stands beside words: its width over its height
FEWEST, MOST = 8, 60  # words beside a picture
MANY_LINES = 12  # of code and output, from which on they are shown smaller
FEW = 60  # words on a slide that are shown larger
COLUMNS = 72  # of print that fits on a slide in the size of code in a sentence
BESIDE = "beside"


def heading_apart(cell) -> list:
    """A cell that opens with a heading as two: the heading, and what follows it."""
    heading, _, rest = cell.source.partition("\n")
    if not heading.startswith("#") or not rest.strip():
        return [cell]
    body = copy.deepcopy(cell)
    cell.source, body.source = heading, rest.strip()
    body.id = f"{cell.id}-body"
    body.metadata = {"slideshow": {"slide_type": "-"}}
    return [cell, body]


def picture_beside_words(slide: list) -> None:
    """Mark the picture of a slide that has room for it beside its words."""
    pictures = [cell for cell in slide if any(map(has_picture, outputs(cell)))]
    if len(pictures) != 1 or not leaves_room(slide, pictures[0]):
        return
    for output in outputs(pictures[0]):
        width, height = size(output.data["image/png"])
        if width / height <= WIDEST:
            output.metadata.setdefault("image/png", {})["class"] = BESIDE


def enlarge_few_words(slide: list) -> None:
    """Give the text of a slide that shows nothing else, and little of it, more size."""
    count = len(re.findall(r"\w+", "\n".join(words_of(slide))))
    if count <= FEW and all(cell.cell_type == "markdown" for cell in slide):
        for cell in slide[1:]:
            cell.metadata["size"] = "large"


def shrink_long_listings(slide: list) -> None:
    """Give many lines of code and output less size where text stands with them."""
    code = [cell for cell in slide if cell.cell_type == "code"]
    printed = [out.get("text", "") for cell in code for out in outputs(cell)]
    texts = [text.strip() for text in [*(cell.source for cell in code), *printed]]
    lines = sum(text.count("\n") + 1 for text in texts if text)
    if lines >= MANY_LINES and words_of(slide):
        for cell in code:
            cell.metadata["size"] = "small"


def enlarge_print(slide: list) -> None:
    """Show print as large as code in a sentence where no code and no picture stands.

    Lines that would break keep their size, and so does a long listing.
    """
    code = [cell for cell in slide if cell.cell_type == "code"]
    texts = [out.get("text", "") for cell in code for out in outputs(cell)]
    busy = any(
        cell.source or "size" in cell.metadata or any(map(has_picture, outputs(cell)))
        for cell in code
    )
    longest = max(
        (len(line) for text in texts for line in text.splitlines()), default=0
    )
    if not busy and longest <= COLUMNS:
        for cell in code:
            cell.metadata["size"] = "print"


def leaves_room(slide: list, picture) -> bool:
    """Few words, no table, no displayed formula, and of code the picture alone."""
    alone = not picture.source and all(map(has_picture, outputs(picture)))
    code = [cell for cell in slide if cell.cell_type == "code"]
    text = "\n".join(words_of(slide))
    wide = "$$" in text or re.search(r"(?m)^\|", text)
    count = len(re.findall(r"\w+", text))
    return alone and code == [picture] and not wide and FEWEST <= count <= MOST


def words_of(slide: list) -> list[str]:
    """The texts under the heading, without the speaker's notes."""
    kinds = [cell.metadata["slideshow"]["slide_type"] for cell in slide]
    texts = zip(slide[1:], kinds[1:], strict=True)
    return [c.source for c, k in texts if c.cell_type == "markdown" and k != "notes"]


def outputs(cell) -> list:
    """What a code cell shows; nothing for text."""
    return cell.get("outputs", [])


def size(png: str) -> tuple[int, int]:
    """Width and height in pixels, from the head of a PNG in base64."""
    return struct.unpack(">II", base64.b64decode(png[:40])[16:24])
