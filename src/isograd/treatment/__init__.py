"""What is done about a finding: remedies, the plan, the trial, the change in the user's source."""
