"""« Questions »: what callers were not answered, by meaning; the answers that were approved."""
