"""Retrieval that needs no model: from a text or a place in the code to the parts that matter."""
