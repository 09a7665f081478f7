"""Exchange between installations: signed letters with their files, in order, each once, whichever side is down (amendments §8)."""
