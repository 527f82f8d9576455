"""What the notebooks run many times, a folder per chapter.

A chapter teaches one thing at a time; an experiment here puts several of them together
and repeats the same run under different conditions. Most runs begin at
``shared_start``; chapter 15 has a start of its own. ``grid`` runs and stores what a
chapter's ``plan`` asks for. No chapter module imports these.
"""
