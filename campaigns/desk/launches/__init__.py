"""The launch plan at the desk: how ready a campaign is, its hour, who is told, previews for partners, and what happened."""
