"""Files of pairs as the world has them: containers, the names of fields, dialogues."""
