"""Runs agents on scenarios over MCP and grades the state that they leave behind."""
