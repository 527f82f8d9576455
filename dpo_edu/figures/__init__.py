"""Every picture of the course, in files named after their chapters, in one style.

A function here draws on a fresh figure and returns the numbers that the picture shows,
so that the notebook can print them beside it. Nothing else in the package plots.
"""
