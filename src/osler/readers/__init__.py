"""One file a format: bytes to `Source`s and `Fact`s, and from a `Locator` to what it shows."""
