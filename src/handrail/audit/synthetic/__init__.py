"""Synthetic claims: who bills what for whom, drawn from published figures where there are any (figures.yaml)."""
