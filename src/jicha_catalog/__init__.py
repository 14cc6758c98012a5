"""Knowledge as data: schema, definitions, derived models, rules, vocabulary. No code lives here."""
