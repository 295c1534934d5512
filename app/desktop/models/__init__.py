"""What the window shows, as rows: pure functions over an open case, and one Qt list model."""
