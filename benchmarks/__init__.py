"""How fast Relais answers, next to a bare ASGI function and to a handler written as in a tutorial (``make bench``)."""
