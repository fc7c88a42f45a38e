"""RDF in and out: the positioned Turtle reader, the embedded store, and the bridge to rdflib's terms."""
