"""The core: what a project is and what it does. Pure but for its ports."""
