"""The window: everything Qt, and nothing else.

`main.run(workspace_factory, config_dir=...)` opens it; `display.require_display()` says before
that whether it can be opened, without importing Qt. The way of things is a circle:

    key or click → Review → Session → (store lane) Workspace → Session.case_changed → panes

No widget knows the store. A pane is handed whole values and tells intents; `models` holds the
pure functions that make rows of them, `widgets` paints those. `actions.ACTIONS` is the one table
of keys, `offsets` the one place that counts UTF-16 units.
"""
