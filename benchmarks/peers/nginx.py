"""nginx from Debian's package: over a file as it is, over the public copies, in front of others.

All have one worker and no access log, so that what differs is what they do.
"""

import getpass
import os
import subprocess
from pathlib import Path

from measuring.recording import ROOT, MissingPeerError, find_program

from .running import Peer

SHIPPED = ROOT / "deploy" / "nginx.conf"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
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


def start_over_copies(path: str, *, port: int, origin: int, home: Path, directory: Path) -> Peer:
    """Start nginx with the configuration that is shipped, over the public copies in `home`."""
    program = find_program("nginx", package="nginx-light")
    if not BROTLI.is_file():
        package = "libnginx-mod-http-brotli-static"
        raise MissingPeerError(f"nginx's {package} is missing: apt-get install {package}")
    directory.mkdir(exist_ok=True)
    text = SHIPPED.read_text(encoding="utf-8")
    for shipped, here in {
        "user www-data;": f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
        "worker_processes auto;": "worker_processes 1;",
        "access_log /var/log/nginx/access.log;": "access_log off;",
        "/var/log/nginx": str(directory),
        "/run/nginx.pid": f"{directory}/nginx.pid",
        "127.0.0.1:8000": f"127.0.0.1:{origin}",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/lib/broadsheet": str(home),
    }.items():
        assert shipped in text, f"{SHIPPED} has no {shipped!r}"
        text = text.replace(shipped, here)
    paths = "".join(
        f"    {kind}_temp_path {directory}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    written = directory / "nginx.conf"
    written.write_text(text.replace("http {\n", "http {\n" + paths, 1), encoding="utf-8")
    log = directory / "error.log"
    asked = [program, "-c", str(written), "-e", str(log), "-g", "daemon off;"]
    return Peer("broadsheet's copies, nginx", port, path, [subprocess.Popen(asked)])
