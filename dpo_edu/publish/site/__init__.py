"""The website: notebooks, pages, exercises, lectures and a reference, as one folder.

Rooms: ``settings`` (order of the pages, what Sphinx is told), ``sources`` (all pages
laid down as Sphinx reads them), ``pages`` (a notebook or a text as a page),
``reference`` (the package from its docstrings), ``lectures``, ``links`` (each leads
somewhere), ``build``. ``index.md`` is the first page, ``site.css`` what we add to the
theme.
"""
