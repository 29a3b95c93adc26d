"""From a record and models to an `Assessment`, its renderings, and their verification."""
