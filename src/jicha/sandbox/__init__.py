"""A believable city with planted faults; shares no code with rules and billing."""
