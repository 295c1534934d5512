"""What leaves a batch: results for other programs, and claims of submitted cases for billing.

Results say *suggested* until a person submitted the case; claims hold submitted cases only. That
something leaves the store is recorded in its log before the first byte does.
"""
