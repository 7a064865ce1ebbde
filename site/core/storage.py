"""Static files: hashed names, compressed, and one style sheet."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    pass
