"""Reviews of the evidence of practices."""
