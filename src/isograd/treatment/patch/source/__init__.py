"""The user's source: files, syntax trees, and changes that leave the rest as it is to the byte."""
