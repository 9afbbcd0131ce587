"""Treating a network inside a running program, at the moment when its optimizer is made."""
