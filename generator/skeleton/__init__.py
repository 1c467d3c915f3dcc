"""The skeleton document: reading, types, expressions, checks and compilation."""
