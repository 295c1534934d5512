"""What leaves a store: bundles a stranger can check, and cases in the forms others read."""

from audit.choice import Choice, choose
from audit.export.bundle import VERIFIER, export_bundle
from audit.export.check import verify_bundle
from audit.export.files import ExportError

__all__ = ["VERIFIER", "Choice", "ExportError", "choose", "export_bundle", "verify_bundle"]
