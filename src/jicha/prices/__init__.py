"""Prices as data: the shipped lists, what contradicts itself in lists or tables, what an edition changes."""
