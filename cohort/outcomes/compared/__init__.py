"""One study under several definitions."""
