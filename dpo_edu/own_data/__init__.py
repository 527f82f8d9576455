"""Your own pairs: a JSON Lines file in, a trained policy and its report out."""
