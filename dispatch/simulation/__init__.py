"""The response played out in time, night after night, and what the nights say."""
