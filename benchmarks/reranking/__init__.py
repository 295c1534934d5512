"""What `benchmarks/rerankers.py` tries: its lists of candidates and its models."""
