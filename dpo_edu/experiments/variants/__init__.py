"""The long runs of chapter 14."""
