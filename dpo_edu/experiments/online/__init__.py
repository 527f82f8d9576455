"""The long runs of chapter 15."""
