"""What is seen: panes, cards, dialogs and the painting of rows. They tell intents, hold no truth."""
