"""What seatsaga-bench-suite is made of."""
