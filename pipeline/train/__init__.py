"""How every learned file under `resources/models` is made and measured, one command each.

Nothing at run time imports this package.
"""
