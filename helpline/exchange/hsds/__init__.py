"""Programmes in the words of Open Referral (HSDS 3.1, https://docs.openreferral.org/): told to others, and read from them."""
