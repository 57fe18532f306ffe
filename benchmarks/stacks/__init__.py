"""The same six requests, answered three ways: ``ours``, ``floor`` (bare ASGI) and ``plain`` (as in a tutorial)."""
