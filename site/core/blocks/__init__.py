from core.blocks.prose import Callout, Facts, Heading, Prose, Questions, Steps

__all__ = ["Callout", "Facts", "Heading", "Prose", "Questions", "Steps"]
