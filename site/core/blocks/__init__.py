from core.blocks.links import PageLinkBlock
from core.blocks.prose import Callout, Facts, Heading, Prose, Questions, Steps

__all__ = ["Callout", "Facts", "Heading", "PageLinkBlock", "Prose", "Questions", "Steps"]
