"""Screens that lie over the modes: help, a list to pick from, a line to fill in."""
