r"""Formulas of several lines that have one number, as MathJax reads them.

Sphinx puts a formula with line breaks into ``split``, in which MathJax allows no
``\tag``: the reader would see an error in its place.
"""

ALIGNED = r"\begin{aligned}"  # breaks its lines itself


def keep_aligned(app, doctree) -> None:
    """Let formulas that align themselves through as they are: ``doctree-read``."""
    from docutils import nodes

    for formula in doctree.findall(nodes.math_block):
        text = formula.astext().strip()
        if text.startswith(ALIGNED):
            formula.children = [nodes.Text(rf"\[{text}\]")]
            formula["nowrap"] = True
