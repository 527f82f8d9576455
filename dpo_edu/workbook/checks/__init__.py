"""One check file per chapter: the exercises, their oracles, inputs and properties."""
