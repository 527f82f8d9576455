"""The long runs of chapter 12."""
