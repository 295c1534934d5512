"""The five pure stages from an encounter to a coding result; no database, no Qt, no clock."""
