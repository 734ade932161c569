"""Every setting: declared in declared/, kept in a field of config.py, checked together."""
