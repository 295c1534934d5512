"""Peers, each a program of its own environment that answers files with files (`exchange`)."""
