"""The lab, the demonstration and the benchmarks; only the command line imports them."""
