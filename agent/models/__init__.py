"""Models by kind: what an OpenAI-compatible endpoint serves, a local file, a script for tests."""
