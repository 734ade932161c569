"""Every setting: declared once, read once, checked together."""
