"""Faults of line loss: LL004 jumps of area loss, LL005 feeders with abnormal loss."""

from jicha.sandbox.faults.line_loss import areas, feeders
from jicha.sandbox.faults.line_loss.areas import jumps
from jicha.sandbox.faults.line_loss.feeders import abnormal

__all__ = ["AFTERWARDS", "areas", "feeders"]

AFTERWARDS = [jumps, abnormal]
