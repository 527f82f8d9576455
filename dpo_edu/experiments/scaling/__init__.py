"""The long runs of chapter 16."""
