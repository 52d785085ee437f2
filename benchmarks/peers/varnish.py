"""Varnish from Debian's package, as it comes and tuned.

Tuned is: one pool with a thread for every connection at hand; a thread stays with its connection
for ten seconds after an answer instead of 50 ms, so that no request is handed from thread to
thread; nothing is written to its log in memory; no header is added to an answer, and none of the
built-in rules is gone through for a hit.
"""

import subprocess
from pathlib import Path

from measuring.recording import find_program

from .running import Peer

_DEFAULT = """vcl 4.1;
backend origin {{ .host = "127.0.0.1"; .port = "{origin}"; }}
"""
_TUNED = (
    _DEFAULT
    + """
sub vcl_recv {{ unset req.http.Cookie; return (hash); }}
sub vcl_hit {{ return (deliver); }}
sub vcl_deliver {{
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    return (deliver);
}}
"""
)
#: What Varnish writes of a request that is a hit.
_LOGGED = (
    "Begin", "End", "Link", "ReqStart", "ReqMethod", "ReqURL", "ReqProtocol", "ReqHeader",
    "ReqUnset", "ReqAcct", "RespProtocol", "RespStatus", "RespReason", "RespHeader", "RespUnset",
    "VCL_call", "VCL_return", "VCL_use", "Hit", "Timestamp", "SessOpen", "SessClose",
)  # fmt: skip
_PARAMETERS = {
    "thread_pools": "1",
    "thread_pool_min": "500",
    "thread_pool_max": "5000",
    "timeout_linger": "10",
    "timeout_idle": "60",
    "listen_depth": "4096",
    "vsl_mask": ",".join(f"-{one}" for one in _LOGGED),
}


def start_varnish(*, port: int, origin: int, directory: Path, is_tuned: bool) -> Peer:
    program = find_program("varnishd", package="varnish")
    directory.mkdir(exist_ok=True)
    rules = directory / "rules.vcl"
    rules.write_text((_TUNED if is_tuned else _DEFAULT).format(origin=origin), encoding="utf-8")
    parameters = _PARAMETERS if is_tuned else {}
    asked = [
        program, "-F", "-j", "none", "-n", str(directory / "work"), "-f", str(rules),
        "-a", f"127.0.0.1:{port}", "-s", "malloc,256m" if is_tuned else "malloc",
        *(word for pair in parameters.items() for word in ("-p", "=".join(pair))),
    ]  # fmt: skip
    name = f"Varnish, {'tuned' if is_tuned else 'as it comes'}"
    with (directory / "varnish.log").open("wb") as log:
        started = subprocess.Popen(asked, stdout=log, stderr=log)
    return Peer(name, port, "/page.html", [started])
