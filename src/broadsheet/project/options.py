"""Every setting of Broadsheet, declared once: name, type, default, bounds, secret or not, help.

A value comes from the environment (`BROADSHEET_<NAME>`), else from `broadsheet.toml` in the
working directory or in the installation's directory (`name = value`), else from the default.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

#: What the address of a database may say beyond where it is; libpq knows what each means.
DATABASE_PARAMETERS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile")


class BadOptionError(ValueError):
    """A setting has a value that it cannot have; the message names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `kind` is str, int, bool, tuple (comma-separated), "path", "file" (None where
    empty), "directory" (one that exists, or None), "zone", "urls" or "networks" (both comma-separated), or "database" (an address).
    """

    name: str
    kind: Any
    default: Any
    help: str
    minimum: int | None = None
    maximum: int | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"BROADSHEET_{self.name}"

    def parse(self, text: str) -> Any:
        """Return `text` as this option's kind. Raises `BadOptionError`."""
        if self.kind is bool:
            words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
            if text.strip().lower() not in words:
                raise BadOptionError(f"{self.variable} takes true or false, not {text!r}")
            return words[text.strip().lower()]
        if self.kind is int:
            return self._parse_int(text)
        if self.kind is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if self.kind == "path":
            return Path(text).expanduser().absolute()
        parse: dict[str, Callable[[str], Any]] = {
            "file": self._parse_file,
            "directory": self._parse_directory,
            "zone": self._parse_zone,
            "urls": self._parse_urls,
            "networks": self._parse_networks,
            "database": self._parse_database,
        }
        return parse[self.kind](text) if self.kind in parse else text

    def _parse_file(self, text: str) -> Path | None:
        return Path(text).expanduser().absolute() if text.strip() else None

    def _parse_directory(self, text: str) -> Path | None:
        path = self._parse_file(text)
        if path is not None and not path.is_dir():
            raise BadOptionError(f"{self.variable} takes a directory that exists, not {text!r}")
        return path

    def _parse_int(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise BadOptionError(f"{self.variable} takes a whole number, not {text!r}") from None
        if self.minimum is not None and number < self.minimum:
            raise BadOptionError(f"{self.variable} is at least {self.minimum}, not {number}")
        if self.maximum is not None and number > self.maximum:
            raise BadOptionError(f"{self.variable} is at most {self.maximum}, not {number}")
        return number

    def _parse_urls(self, text: str) -> tuple[str, ...]:
        urls = tuple(part.strip() for part in text.split(",") if part.strip())
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise BadOptionError(
                    f"{self.variable} takes addresses such as http://127.0.0.1:6081, not {url!r}"
                )
        return urls

    def _parse_networks(self, text: str) -> tuple[str, ...]:
        networks = tuple(part.strip() for part in text.split(",") if part.strip())
        for network in networks:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise BadOptionError(
                    f"{self.variable} takes addresses or networks such as 10.0.0.0/8, "
                    f"not {network!r}"
                ) from None
        return networks

    def _parse_database(self, text: str) -> str:
        """The messages never show the address: a password may be in it."""
        if not text:
            return ""
        form = "postgresql://user:password@host:port/name"
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise BadOptionError(
                f"{self.variable} takes {form}; its host or port is wrong (in a password, signs "
                "such as / ? # @ [ are written as %2F %3F %23 %40 %5B)"
            ) from None
        if parts.scheme not in {"postgresql", "postgres"}:
            raise BadOptionError(
                f"{self.variable} takes {form}; it begins with {parts.scheme or 'no scheme'}"
            )
        if not parts.path.strip("/") or "/" in parts.path.strip("/") or port == 0:
            raise BadOptionError(f"{self.variable} takes {form}; it names no one database")
        for name, values in parse_qs(parts.query, keep_blank_values=True).items():
            if name not in DATABASE_PARAMETERS or len(values) > 1:
                raise BadOptionError(
                    f"{self.variable} takes after a ? each of {', '.join(DATABASE_PARAMETERS)} "
                    f"once, not {name!r}"
                )
        return text

    def _parse_zone(self, text: str) -> str:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise BadOptionError(
                f"{self.variable} takes a time zone such as Europe/Kyiv, not {text!r}"
            ) from None
        return text


OPTIONS = (
    Option("HOME", "path", "./var", "The directory that holds all data of this installation."),
    Option("SITE_NAME", str, "Broadsheet", "The name of the publication, as readers see it."),
    Option(
        "LOOK",
        "directory",
        "",
        "The directory with the site's own look: templates and assets that stand before the built-in "
        "ones. Empty: the built-in look.",
    ),
    Option(
        "SITE_URL",
        str,
        "http://127.0.0.1:8000",
        "The public address of the site, without a path; canonical links begin with it.",
    ),
    Option(
        "EDITIONS",
        tuple,
        "en,uk",
        "The editions that `init` switches on, by language; the first is the default.",
    ),
    Option(
        "TIME_ZONE", "zone", "Europe/Kyiv", "The zone that `init` gives to the editions it makes."
    ),
    Option(
        "ALLOWED_HOSTS",
        tuple,
        "127.0.0.1,localhost,[::1]",
        "The host names that the site answers to, separated by commas.",
    ),
    Option(
        "SECRET_KEY",
        str,
        "",
        "Signs the desk's sessions. Empty: a key made by `init` in the home directory.",
        secret=True,
    ),
    Option("DEBUG", bool, "false", "Show tracebacks in the browser. Never on a public machine."),
    Option(
        "WEB_PROCESSES", int, "1", "How many web processes `serve` runs.", minimum=1, maximum=64
    ),
    Option(
        "PAGES_MEMORY_MB",
        int,
        "48",
        "How many megabytes of pressed pages each web process holds in memory.",
        minimum=1,
        maximum=65_536,
    ),
    Option(
        "PAGES_DISK_MB",
        int,
        "2048",
        "How many megabytes of pressed pages lie on the disk; the oldest go first.",
        minimum=1,
        maximum=1_048_576,
    ),
    Option(
        "PUBLIC_COPIES",
        bool,
        "false",
        "Keep copies of what is read most in the home's `public/`, for nginx to send as files.",
    ),
    Option(
        "PURGE_URLS",
        "urls",
        "",
        "Addresses of shared caches that take PURGE requests with surrogate keys, separated by commas.",
    ),
    Option(
        "TRUSTED_PROXIES",
        "networks",
        "",
        "Addresses or networks whose X-Forwarded-For is believed, separated by commas.",
    ),
    Option(
        "VIEW_WINDOW_MINUTES",
        int,
        "30",
        "A reader counts once in this many minutes, from the last counted view of an article.",
        minimum=1,
        maximum=1440,
    ),
    Option(
        "VIEW_LOG_DAYS",
        int,
        "30",
        "How many days each view is kept in the view log; of older ones the sums are kept.",
        minimum=1,
        maximum=36_500,
    ),
    Option(
        "VIEWS_A_MINUTE",
        int,
        "600",
        "How many views a minute one network may bring; more do not count. Each web process holds "
        "its share: with two, half of it.",
        minimum=1,
        maximum=1_000_000,
    ),
    Option(
        "DATACENTRE_NETWORKS",
        "file",
        "",
        "A file of networks in which no reader sits, one a line; their views are robots'.",
    ),
    Option(
        "DATABASE_URL",
        "database",
        "",
        "Keep content, counts and view log in PostgreSQL: postgresql://user:password@host:port/name. "
        "Empty: in SQLite and files in the home directory.",
        secret=True,
    ),
    Option(
        "TRANSLATOR",
        str,
        "",
        "Which machine drafts translations: deepl or google, each an extra to install, or "
        "libretranslate; practice translates nothing, for tests. Empty: none.",
    ),
    Option("TRANSLATOR_KEY", str, "", "The key of the translator’s account.", secret=True),
    Option(
        "TRANSLATOR_URL",
        str,
        "",
        "Where the translator is; needed for LibreTranslate, for the others where it is not the "
        "usual address.",
    ),
    Option(
        "SECURE_COOKIES",
        bool,
        "false",
        "Send the desk's cookies over HTTPS only. Set it where the desk is served over HTTPS.",
    ),
)


def read_options(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the value of every option by name. Raises `BadOptionError`, also for an unknown
    name in `broadsheet.toml`.
    """
    by_name = {option.name: option for option in OPTIONS}
    home = by_name["HOME"]
    home_path = home.parse(environ.get(home.variable, home.default))
    written = {**_read_file(home_path / "broadsheet.toml"), **_read_file(Path("broadsheet.toml"))}
    for name in written:
        if name.upper() not in by_name:
            raise BadOptionError(f"broadsheet.toml sets {name!r}, which is no setting")
    values = {}
    for option in OPTIONS:
        text = environ.get(option.variable, written.get(option.name.lower(), option.default))
        values[option.name] = option.parse(text)
    return values


def _read_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadOptionError(f"{path} cannot be read: {error}") from None
    return {
        name.lower(): ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in table.items()
    }
