"""The port, taken before anything else is done: whoever cannot have it is told at once."""

from __future__ import annotations

import errno
import socket

from app.refusal import CannotRun


def reserve(host: str, port: int) -> socket.socket:
    """Bind the port; nobody is answered until the server listens. ``CannotRun`` when it is taken."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, number)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except socket.gaierror:
        raise CannotRun(f"L'adresse {host} est inconnue : vérifiez RELAIS_HOST.") from None
    except (OSError, OverflowError) as error:
        raise CannotRun(why_not(error, host, port)) from None
    return taken


def why_not(error: OSError | OverflowError, host: str, port: int) -> str:
    """Why this port cannot be had."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"Le port {port} de {host} est déjà pris, peut-être par un autre Relais."
            f" Arrêtez-le, ou choisissez un autre port : RELAIS_PORT={port + 1} make run"
        )
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"Le port {port} est réservé au système : choisissez RELAIS_PORT au-dessus de 1024."
    return f"Impossible d'écouter sur {host}, port {port} : vérifiez RELAIS_HOST et RELAIS_PORT."


def address_of(taken: socket.socket) -> str:
    """``http://…`` for people."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
