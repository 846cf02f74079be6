"""LINE's rules for what a bot sends, written from LINE's reference alone and shared with nobody."""
