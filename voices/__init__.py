"""The voices that speak: how they are built and how French is said aloud."""
