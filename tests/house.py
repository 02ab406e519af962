"""The house as files: what the layering and tidiness checks walk over."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NOT_OURS = {".git", "build", "node_modules", "dist", ".tools", "__pycache__", "test-results",
            "playwright-report", "generated"}

CPP = {".cpp", ".hpp", ".inl"}
WEB = {".ts", ".tsx"}


def files(root, suffixes=None):
    """Every file below `root` that people wrote, as (path relative to root, text)."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(names):
            path = Path(folder) / name
            if suffixes is None or path.suffix in suffixes:
                yield path.relative_to(root), path


def is_test(path):
    """Whether `path` (relative to the root) belongs to tests rather than to the product."""
    return "tests" in path.parts or "e2e" in path.parts or ".test." in path.name
