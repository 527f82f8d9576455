"""The long runs of chapter 14: any variant on any ``data``, tuned by one rule."""
