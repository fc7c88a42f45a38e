"""What the JSON interface answers: models that describe every field, for OpenAPI and for whoever reads it."""
