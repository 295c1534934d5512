"""The one error of an import."""

from taxonomy.model import TaxonomyError


class ImportRefusedError(TaxonomyError):
    """A file was not taken; the text names it and says why. Nothing was changed."""

    exit_code = 2


class TooShortError(ImportRefusedError):
    """A file holds too little; beside the whole list (in its zip) it is a list of changes."""
