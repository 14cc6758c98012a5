"""Deliveries, loads and screening runs: started, watched, compared, imported."""
