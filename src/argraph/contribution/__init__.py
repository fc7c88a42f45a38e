"""The gate: what a contributed Turtle file is checked for, and how the findings are reported."""
