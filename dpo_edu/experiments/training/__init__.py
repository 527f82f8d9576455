"""The long runs of chapter 11: ``runs``, a free table, and the clinic's broken ones."""
