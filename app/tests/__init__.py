"""The promises of the application, each with a test against a real PostgreSQL."""
