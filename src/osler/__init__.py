"""Osler: specialised multimodal models for clinical care, on a hospital's own machines."""

__version__ = "0.1.0"
