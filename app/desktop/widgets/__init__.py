"""What is seen: panes, cards, dialogs, painted rows. They tell intents and hold no truth."""
