"""The long runs of chapter 13."""
