"""Dashboards, map, notifications, weekly and monthly reports."""
