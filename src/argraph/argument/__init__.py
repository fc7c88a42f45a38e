"""The debate as an argument graph: statements, evidence, and the steps between them."""
