"""Data: user dictionary, glossary, synonyms, character variants."""
