//! A network that loses, delays, reorders and repeats, by a seed: the same seed gives the same faults. For tests.
