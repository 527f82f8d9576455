"""What the notebooks run many times, one file per chapter.

A chapter teaches one thing at a time; an experiment here puts several of them together
and repeats the same run under different conditions. No chapter module imports these.
"""
