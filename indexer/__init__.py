"""Builds everything that can be searched: documents in, clauses and indexes out."""
