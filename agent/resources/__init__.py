"""Files that ship with the package: vocabulary, translations, catalog."""
