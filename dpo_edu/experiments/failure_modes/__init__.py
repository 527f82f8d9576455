"""The long runs of chapter 13: from ``material``, with one thing wrong each."""
