"""Stored pictures: few colors, a fifth of the size, and the roles keep theirs.

A median cut over all pixels spends its palette on the greys of letters, and a mark of
few pixels gets the color of its neighbors. So the colors of the roles are kept as they
are, and grey and colored pixels are cut apart. This module knows no notebook.
"""

import io
from base64 import b64decode, b64encode

import numpy as np

from ..figures.style import DARK, ROLES

GREYS, COLORED = 12, 36  # entries of the palette; the roles are among the colored
NEARLY_GREY = 24  # channels that differ by less are no color


def in_few_colors(png: str) -> str:
    """A PNG, base64, with at most 48 colors, those of the roles untouched."""
    from PIL import Image  # matplotlib brings it

    picture = Image.open(io.BytesIO(b64decode(png)))
    pixels = np.asarray(picture.convert("RGB"))  # (H, W, 3)
    found, places = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    counts = np.bincount(places.ravel())
    palette = palette_of(found, counts)  # (K, 3)
    nearest = np.array([((palette - color) ** 2).sum(-1).argmin() for color in found])
    small = Image.fromarray(
        nearest.astype(np.uint8)[places.ravel()].reshape(pixels.shape[:2]), "P"
    )
    small.putpalette(palette.astype(np.uint8).tobytes())
    stored = io.BytesIO()
    small.save(stored, "PNG", optimize=True, dpi=picture.info["dpi"])
    return b64encode(stored.getvalue()).decode()


def palette_of(found, counts) -> np.ndarray:
    """The palette, (K, 3) integers, of colors (N, 3) that occur so often (N,)."""
    colored = np.ptp(found.astype(int), axis=-1) >= NEARLY_GREY
    role = (found[:, None] == role_colors()).all(-1).any(-1)
    kept = found[role]
    parts = (
        (~colored, GREYS),
        (colored & ~role, COLORED - len(kept)),
    )
    cut = [median_cut(found[of], counts[of], size) for of, size in parts if of.any()]
    return np.concatenate([kept, *cut]).astype(int)


def role_colors() -> np.ndarray:
    """The colors of all roles, on light and on dark paper: (2 R, 3)."""
    words = [role.color for role in ROLES.values()] + list(DARK.values())
    return np.array([list(bytes.fromhex(word[1:])) for word in words], dtype=np.uint8)


def median_cut(colors, counts, size: int) -> np.ndarray:
    """At most ``size`` colors that stand for ``colors`` (N, 3): (K, 3)."""
    from PIL import Image

    line = Image.fromarray(np.repeat(colors, counts, axis=0)[None])
    few = line.quantize(size, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette()).reshape(-1, 3)
    return palette[np.unique(np.asarray(few))]
