"""The exercise engine, its checks, and the learner's files."""
