"""What an answer is and how good: `Task`, `Contract`, `Score`, `Probability`, `Calibrator`."""
