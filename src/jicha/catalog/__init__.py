"""Reading and checking the catalog: schema, rules, models, vocabulary."""
