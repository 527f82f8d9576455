"""The playground: one page without a framework in which DPO's numbers can be moved.

``core.js`` holds the numbers as pure functions; the other files draw them.
"""
