"""Unit tests of the SLS stand-in: no sockets, no sleeps."""
