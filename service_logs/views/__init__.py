"""Pages of the service: the day, the log, tasks, policies, rules."""
