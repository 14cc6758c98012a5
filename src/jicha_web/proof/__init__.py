"""Review and proof by the next data; recurrence; the case as one file that anyone can verify."""
