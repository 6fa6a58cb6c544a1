"""What a draft must pass, one file each, cheapest first."""
