"""The whole course in one command: numbers, real data, a training run, its verdict."""
