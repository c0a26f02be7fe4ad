"""The county's tables: read, validated, written."""
