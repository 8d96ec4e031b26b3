"""Files that only who holds the key can read: recordings and what clients upload.

`keys` of an installation · `stream` the format, chunk by chunk · `vault` files on the disk.
"""
