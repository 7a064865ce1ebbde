"""Messages between members: conversations, inbox, blocks, reports and notifications."""
