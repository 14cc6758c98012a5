"""Regulations, working rules, checklists and typical cases."""
