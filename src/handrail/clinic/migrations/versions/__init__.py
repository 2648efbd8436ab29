"""One file a version; the first makes everything."""
