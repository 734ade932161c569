"""The HTTP server: application, authentication, background worker, control surface."""
