"""How pages of campaigns look elsewhere: share cards, oEmbed descriptions, schema.org data."""
