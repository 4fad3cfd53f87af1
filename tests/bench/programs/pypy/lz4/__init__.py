"""The part of the lz4 package that the SDK needs, for PyPy: the package has no build for it."""
