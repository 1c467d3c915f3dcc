"""Makes environments: skeletons, their rendering, and scenarios with proofs. Never imports `harness`."""
