"""« Essayer »: a question typed or spoken, what callers would hear, and the test questions."""
