"""What runs weights: numeric settings, adapters over their base, and the models that use them."""
