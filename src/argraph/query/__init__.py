"""SPARQL: saved queries, their evaluation, and the forms of their results."""
