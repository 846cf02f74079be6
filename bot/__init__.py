"""Madoguchi's platform: it knows LINE, conversations, deliveries and time, and no resident service."""
