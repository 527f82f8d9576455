"""Everything that a user's world can do to the commands, tried; see __main__."""
