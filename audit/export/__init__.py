"""What leaves a store: bundles a stranger can check, and cases in the forms others read."""

from audit.choice import Choice, choose
from audit.export.bundle import VERIFIER, export_bundle
from audit.export.cases import FORMS, export_cases, print_page
from audit.export.check import verify_bundle
from audit.export.files import ExportError
from audit.export.sheet import Title

__all__ = [
    "FORMS",
    "VERIFIER",
    "Choice",
    "ExportError",
    "Title",
    "choose",
    "export_bundle",
    "export_cases",
    "print_page",
    "verify_bundle",
]
