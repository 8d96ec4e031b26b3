"""A client's calls for its own people: the list, one call, its sound.

Who may only look sees no number, name or address: private.py hides them.
"""
