"""The long runs of chapter 11."""
