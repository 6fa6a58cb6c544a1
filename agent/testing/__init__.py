"""Tests of one class: what a model is shown to write them, how they are repaired and measured."""
