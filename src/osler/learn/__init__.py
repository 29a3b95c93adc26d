"""What changes weights: recipes, examples, trainers, and `osler learn specialty`."""
