"""The works that members show: read from what they import, written as the style of the APA has it, and changed on their own pages."""
