"""Monitoring of the running site: does each process live, can it do its work, does something wait too long?"""
