"""The skins over `argraph.workspace`: command line, HTTP API and pages."""
