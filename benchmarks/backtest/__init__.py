"""Is the margin model better? Books on real and drawn option chains, and perpetuals by the hour."""
