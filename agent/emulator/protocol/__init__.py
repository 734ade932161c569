"""What Azure's surfaces share: routes, bodies, pages, errors."""
