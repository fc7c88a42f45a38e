"""Other formats: one module for each, to read and to write."""
