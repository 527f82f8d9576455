"""Every quoted number worked out again, by formula and by hand."""
