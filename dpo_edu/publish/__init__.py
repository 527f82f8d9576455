"""Notebooks become lectures: ``lecture`` cuts, ``template`` is the page it fills."""
