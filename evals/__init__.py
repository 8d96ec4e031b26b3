"""Measurements: what the README claims, anyone can run again."""
