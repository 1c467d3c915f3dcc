"""Scenarios: initial states, tasks, checks and certificates (ScenGenerator)."""
