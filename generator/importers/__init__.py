"""Environments of others, made into servers and scenarios of ours. A stranger's code runs in `contained` only."""
