"""« Données »: what is kept of a telephone number, for how long, and the record of processing."""
