"""Reads what the indexer built: search, pages, JSON, command line."""
