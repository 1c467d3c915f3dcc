"""Quality evaluation of environments (SkelBuilder)."""
