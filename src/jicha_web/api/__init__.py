"""The programming interface: the same verbs as the pages, for machines and for the field app."""
