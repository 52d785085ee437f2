"""nginx from Debian's package: a file as it is, and in front of others."""

import getpass
import subprocess
from pathlib import Path

from measuring.recording import find_program

from .running import Peer

_CONFIGURATION = """
user {user};
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types {{ text/html html; }}
    default_type text/html;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        {server}
    }}
}}
"""


def start_nginx(
    name: str, path: str, *, port: int, directory: Path, server: str, http: str = ""
) -> Peer:
    """Start nginx with one worker and the directives `server`; the caller waits for it."""
    program = find_program("nginx", package="nginx-light")
    directory.mkdir(exist_ok=True)
    written = directory / "nginx.conf"
    written.write_text(
        _CONFIGURATION.format(
            user=getpass.getuser(), directory=directory, port=port, server=server, http=http
        ),
        encoding="utf-8",
    )
    asked = [program, "-p", str(directory), "-c", str(written), "-e", str(directory / "error.log")]
    return Peer(name, port, path, [subprocess.Popen(asked)])


def start_static(body: bytes, *, port: int, directory: Path) -> Peer:
    """Start nginx over a file with those bytes; also the origin that caches are filled from."""
    directory.mkdir(exist_ok=True)
    (directory / "page.html").write_bytes(body)
    server = f"root {directory}; add_header Cache-Control 'public, max-age=86400';"
    return start_nginx("nginx, a file", "/page.html", port=port, directory=directory, server=server)
