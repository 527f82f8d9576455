"""Every picture of the course, one file per chapter, drawn in one style.

A function here draws on a fresh figure and returns the numbers that the picture shows,
so that the notebook can print them beside it. Nothing else in the package plots.
"""
