"""What the whole-system tests and the demo share: a fleet to start, a client to call it, and eyes."""
