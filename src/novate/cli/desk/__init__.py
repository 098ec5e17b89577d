"""What the risk commands work on: portfolios in the markets that files tell of."""
