"""Scores of chapter 08 that are wrong on purpose, and a language to show it in."""
