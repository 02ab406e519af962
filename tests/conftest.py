"""Beside `house.py`, so that pytest finds that module from every folder of tests."""
