"""Tables of times for ``make bench``: nothing here is a test."""
