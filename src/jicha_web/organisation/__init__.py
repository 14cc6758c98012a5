"""The tree of units, its people, their roles and what each may see and do."""
