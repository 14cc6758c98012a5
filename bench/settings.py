"""What all benches of a city share."""

from datetime import date

AS_OF = date(2026, 10, 15)  # the sandbox's screening date
CORE = ("CF", "MT", "RC", "LL")  # files, metering, reading, line loss: the rules for which the aims were set
