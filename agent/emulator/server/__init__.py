"""The HTTP server: routes, authentication, parsing, the job queue, the emulator's own controls."""
