"""What operators look at and set right from the command line: numbers and states, never content."""
