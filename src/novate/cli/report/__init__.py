"""The risk report: one HTML file that opens without a network, on a screen or on paper."""
