"""Simulated GB/T 28181 peers over the project's own wire codecs: cameras and recorders with real footage, faults on request."""
