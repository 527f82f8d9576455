"""The exercises of each chapter in words: titles, minutes, hints, where to read."""
