"""Django's backend for PostgreSQL, with a schema for each database of an installation."""
