"""What the manuals say: documents -> passages -> retrieval -> an answer that stands on evidence."""
