"""The long runs of chapter 12: ``runs`` compares what ``methods`` make of pairs."""
