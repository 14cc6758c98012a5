"""Pages of cases: they translate forms to verbs and exceptions to messages."""
