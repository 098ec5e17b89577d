"""What a desk asks of its book: where margin comes from, what would change it, what may be lost."""
