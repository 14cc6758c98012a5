"""One run: inputs, rules, states against earlier runs, the immutable record."""
