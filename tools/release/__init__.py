"""The release gate: what a package has to pass before it is published. See docs/releasing.md."""
