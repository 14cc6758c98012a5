"""The application: findings become cases, cases go down to the stations and come back with proof.

Reaches `jicha` through `core` only.
"""
