"""What an inspector found on site: checklist, photos, positions, readings, seals, signature."""
