"""What of a debate is shown, where, and how it is drawn."""
