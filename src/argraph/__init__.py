"""argraph: a knowledge graph of claims, evidence and objections."""

__version__ = "0.1.0"
