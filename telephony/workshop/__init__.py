"""The lab, the demonstration, the benchmarks: apart from the product."""
