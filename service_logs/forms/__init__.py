"""What is typed into the pages of service, checked as input; the rules stand in the operations."""
