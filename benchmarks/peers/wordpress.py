"""WordPress from Debian's packages behind nginx with fastcgi_cache: php-fpm, MariaDB, its own tables.

Everything lies in a directory of the run's own; nothing of the system is changed.
"""

import getpass
import os
import shutil
import subprocess
import time
from pathlib import Path

from measuring.recording import MissingPeerError, find_program

from .nginx import start_nginx
from .running import START_SECONDS, Peer, PeerFailedError

SOURCE = Path("/usr/share/wordpress")
THEME = "twentytwentythree"
NAME = "WordPress behind fastcgi_cache"
_SETTINGS = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', '{user}');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', 'http://127.0.0.1:{port}');
define('WP_SITEURL', 'http://127.0.0.1:{port}');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}
require_once ABSPATH . 'wp-settings.php';
"""
_INSTALL = """
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1:{port}';
require '{site}/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
// Nothing is mailed, and no other machine is asked for anything.
add_filter('pre_wp_mail', '__return_true');
wp_install('Benchmark', 'admin', 'admin@example.org', true, '', 'only-for-this-run');
update_option('permalink_structure', '');
switch_theme('{theme}');
$id = wp_insert_post(array('post_title' => 'A page that is measured', 'post_status' => 'publish',
    'post_content' => file_get_contents('{text}')));
echo "\\npost=$id\\n";
"""
_POOL = """
[global]
error_log = {directory}/php-fpm.log
daemonize = no
[www]
user = {user}
group = {group}
listen = {directory}/php.sock
pm = static
pm.max_children = 4
"""
_HTTP = """
    fastcgi_cache_path {directory}/cache levels=1:2 keys_zone=pages:10m max_size=256m inactive=60m;
"""
_SERVER = """
        root {site};
        index index.php;
        location / {{ try_files $uri $uri/ /index.php?$args; }}
        location ~ \\.php$ {{
            fastcgi_pass unix:{directory}/php.sock;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SERVER_NAME $server_name;
            fastcgi_param HTTP_HOST $http_host;
            fastcgi_cache pages;
            fastcgi_cache_key "$scheme$request_method$host$request_uri";
            fastcgi_cache_valid 200 60m;
            add_header X-Cache $upstream_cache_status;
        }}
"""


def start_wordpress(text: str, *, port: int, directory: Path) -> Peer:
    """Start WordPress with one post of `text`; the caller waits for it."""
    if not (SOURCE / "wp-load.php").is_file():
        raise MissingPeerError("WordPress is missing: apt-get install wordpress")
    if not (SOURCE / "wp-content/themes" / THEME).is_dir():
        raise MissingPeerError(f"{THEME} is missing: apt-get install wordpress-theme-{THEME}")
    php = find_program("php", package="php-cli php-mysql")
    directory.mkdir(exist_ok=True)
    started = [_start_database(directory)]
    try:
        started.append(_start_php(directory))
        post = _install(php, text, port=port, directory=directory)
        facts = {"directory": directory, "site": directory / "site"}
        front = start_nginx(
            NAME,
            f"/?p={post}",
            port=port,
            directory=directory / "front",
            http=_HTTP.format(**facts),
            server=_SERVER.format(**facts),
        )
    except BaseException:
        Peer(NAME, port, "/", started).stop()
        raise
    return Peer(NAME, port, front.path, [*started, *front.processes])


def _install(php: str, text: str, *, port: int, directory: Path) -> int:
    site, written = directory / "site", directory / "text.html"
    # Links lead into the system's own directories, which stay as they are.
    shutil.copytree(SOURCE, site, ignore_dangling_symlinks=True)
    facts = {"port": port, "user": getpass.getuser(), "socket": directory / "db.sock"}
    (site / "wp-config.php").unlink(missing_ok=True)
    (site / "wp-config.php").write_text(_SETTINGS.format(**facts), encoding="utf-8")
    written.write_text(text, encoding="utf-8")
    code = _INSTALL.format(port=port, site=site, text=written, theme=THEME)
    done = subprocess.run([php, "-r", code], capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith("post=")]
    if not told:
        raise PeerFailedError(f"WordPress could not be installed: {done.stdout}{done.stderr}")
    return int(told[-1].removeprefix("post="))


def _start_php(directory: Path) -> "subprocess.Popen[bytes]":
    # Debian names the program by its version.
    known = sorted(Path("/usr/sbin").glob("php-fpm[0-9]*"))
    program = str(known[-1]) if known else find_program("php-fpm", package="php-fpm")
    user = getpass.getuser()
    pool = directory / "pool.conf"
    pool.write_text(_POOL.format(directory=directory, user=user, group=user), encoding="utf-8")
    asked = [program, "--nodaemonize", "--fpm-config", str(pool)]
    if os.geteuid() == 0:
        asked.append("--allow-to-run-as-root")
    with (directory / "php.log").open("wb") as log:
        return subprocess.Popen(asked, stdout=log, stderr=log)


def _start_database(directory: Path) -> "subprocess.Popen[bytes]":
    program = find_program("mariadbd", package="mariadb-server")
    install = find_program("mariadb-install-db", package="mariadb-server")
    client = find_program("mariadb", package="mariadb-server")
    user, data, socket = getpass.getuser(), directory / "db", directory / "db.sock"
    with (directory / "db.log").open("wb") as log:
        subprocess.run(
            [install, "--no-defaults", f"--user={user}", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            stdout=log, stderr=log, check=True,
        )  # fmt: skip
        started = subprocess.Popen(
            [program, "--no-defaults", f"--user={user}", f"--datadir={data}", "--skip-networking",
             f"--socket={socket}", f"--pid-file={directory / 'db.pid'}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    ends_at = time.monotonic() + START_SECONDS
    made = f"CREATE DATABASE wordpress; CREATE USER IF NOT EXISTS '{user}'@localhost;"
    made += f" GRANT ALL ON *.* TO '{user}'@localhost;"
    asked = [client, "--no-defaults", f"--socket={socket}", "--user=root", "--execute", made]
    while subprocess.run(asked, capture_output=True, check=False).returncode:
        if time.monotonic() > ends_at or started.poll() is not None:
            started.terminate()
            raise PeerFailedError(f"MariaDB does not start; see {directory / 'db.log'}")
        time.sleep(0.2)
    return started
