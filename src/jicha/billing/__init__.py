"""The bill of one customer and period recomputed in exact decimals, with its derivation.

`docs/explanation/how-a-bill-is-computed.md` is the contract; the modules follow its sections:
interval, metered, losses, allocation, energy, tiers, basic, power_factor, recompute (total and reasons).
"""
