"""Why a model answered as it did, and how far that explanation can be believed."""
