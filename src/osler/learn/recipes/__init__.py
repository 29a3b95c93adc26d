"""The recipes that come with Osler, one a file."""
