"""What is typed into the pages of retention, checked as input; the rules stand in the operations."""
