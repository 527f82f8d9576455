"""Notebooks are run and become lectures.

Rooms: ``notebooks`` (run and stored), ``printed_numbers`` (two outputs compared),
``lecture`` (cut into slides), ``template`` (the page), ``assets`` (what it carries),
``pdf``.
"""
