"""The actors of the course in their colors, in a slide's words and formulas too.

The hues are those of the figures (blue policy, orange optimum, green chosen, red
rejected, gray reference), darkened until they can be read on white: 4.5 to 1 or more.
"""

import re

INKS = {
    "reference": "#5f5f5f",
    "policy": "#0068a3",
    "optimal": "#8f6200",
    "chosen": "#00734f",
    "rejected": "#b34e00",
}
WORDS = {
    "reference": r"references?",
    "policy": r"polic(?:y|ies)",
    "optimal": r"optimal|optimum",
    "chosen": r"chosen",
    "rejected": r"rejected",
}
SYMBOLS = {
    "reference": r"\\pi_\{\\text\{ref\}\}|\\pi_\{\\mathrm\{ref\}\}",
    "policy": r"\\pi_\\theta(?![A-Za-z])",
    "optimal": r"\\pi\^\*|\\pi\^\{\*\}|\\pi\^\\star(?![A-Za-z])",
    "chosen": r"(?<![A-Za-z\\])y_w(?![A-Za-z])",
    "rejected": r"(?<![A-Za-z\\])y_l(?![A-Za-z])",
}
FORMULA = re.compile(r"(?s)(\$\$.*?\$\$|\$[^$\n]+\$)")
LEFT_ALONE = re.compile(  # code, links, HTML and headings keep their look
    r"(?ms)(```.*?```|`[^`]*`|\[[^\]]*\]\([^)]*\)|<[^>]*>|^#.*?$)"
)


def in_roles(text: str) -> str:
    """Markdown with the course's actors colored, in prose and in formulas."""
    parts = FORMULA.split(text)
    parts[1::2] = [_formula(tex) for tex in parts[1::2]]
    parts[::2] = [_prose(words) for words in parts[::2]]
    return "".join(parts)


def _prose(text: str) -> str:
    pieces = LEFT_ALONE.split(text)
    for role, words in WORDS.items():
        pattern = re.compile(rf"\b({words})\b", re.I)
        colored = rf'<span class="{role}">\1</span>'
        pieces[::2] = [pattern.sub(colored, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _formula(tex: str) -> str:
    for role, symbols in SYMBOLS.items():
        tex = re.sub(f"({symbols})", rf"{{\\color{{{INKS[role]}}}{{\1}}}}", tex)
    return tex
