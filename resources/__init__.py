"""Data the program ships: learned models, rules, prompts, window wording and example encounters.

Everything is read with `importlib.resources`, so it works from an installed wheel in any folder.
"""
