"""Cases: opened, grouped, dispatched, moved by the workflow, met by a deadline."""
