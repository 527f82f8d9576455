"""Lectures made from notebooks: ``lecture`` cuts them, ``template`` is the page."""
