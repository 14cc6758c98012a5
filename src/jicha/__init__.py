"""jicha (稽查): the analytic core of the marketing inspection platform."""
