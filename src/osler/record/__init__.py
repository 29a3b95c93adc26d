"""What a record is: `Patient`, `Source`, `Fact`, `Locator`, `Record`, `Store`."""
