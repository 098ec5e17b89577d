"""What is done, step by step, when an account falls short: each loss stays in its compartment."""
