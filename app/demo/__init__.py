"""Invented content to try the system with: people, and a month of petitions."""
