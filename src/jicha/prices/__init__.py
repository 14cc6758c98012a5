"""Prices as data: the shipped lists, what contradicts itself in them or in a utility's tables, what an edition changes."""
