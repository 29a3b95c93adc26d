"""The demonstration patient: a composed record with real pictures, written as files."""
