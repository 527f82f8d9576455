"""The long runs of chapter 15: rounds under ``conditions``, from ``contrarians``."""
