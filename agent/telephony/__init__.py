"""Carriers: each adapter turns one kind of line into frames, and frames into that line."""
