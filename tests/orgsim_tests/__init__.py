"""The simulated org, tested over a socket as its clients use it."""
