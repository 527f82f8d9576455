"""A policy as a folder that ``transformers`` loads, with its pairs."""
