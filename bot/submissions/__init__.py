"""What residents filed, as staff work on it: found, read, noted, assigned, answered, taken down by telephone, handed out."""
