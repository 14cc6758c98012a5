"""Work in the background: tasks with progress, exports, the schedule."""
