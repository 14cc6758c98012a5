"""Pages of assessing, papers, rectification and money."""
