"""The one door to a language model: requests, answers that are kept, and what they cost."""
