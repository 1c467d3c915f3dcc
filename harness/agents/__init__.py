"""One short file per agent adapter."""
