"""Programmes in the format of Open Referral (HSDS 3.1, https://docs.openreferral.org/): export and import."""
