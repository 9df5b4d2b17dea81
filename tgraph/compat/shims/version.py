"""The release whose names the door serves."""

version = "1.0.5"
git_revision = "unknown"
release = True
