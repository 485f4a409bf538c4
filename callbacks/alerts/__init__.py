"""Tells people what they should know, where they are: when something changes, and once a day."""
