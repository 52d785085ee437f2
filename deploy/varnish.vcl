# Varnish in front of Broadsheet, for Debian 12: the packages varnish (7.1) and varnish-modules (xkey).
# With BROADSHEET_PURGE_URLS=http://127.0.0.1:6081 Broadsheet says which pages may be kept for a
# second, and by which keys they are forgotten. Nothing else is kept, except hashed assets.
#
# To be changed:
#   "127.0.0.1", "8000"  where `broadsheet serve --bind` listens, or nginx before it
#   the acl              where Broadsheet runs
#
# Broadsheet believes X-Forwarded-For only from BROADSHEET_TRUSTED_PROXIES: set it to 127.0.0.1.

vcl 4.1;

import std;
import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 2s;
    .first_byte_timeout = 30s;
    .probe = {
        # Answered without a database: pages are too, and a backend that is sick is not asked.
        .url = "/-/numbers?ids=1";
        .interval = 1s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Not from there"));
        }
        if (!req.http.surrogate-key) {
            return (synth(400, "No surrogate-key"));
        }
        set req.http.gone = xkey.purge(req.http.surrogate-key);
        return (synth(200, "Purged " + req.http.gone));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.url ~ "^/(desk|-)/") {
        return (pass);
    }
    # Readers have no cookie of ours, and pages look at none.
    unset req.http.cookie;
    if (std.healthy(req.backend_hint)) {
        # A page is asked for again when its second is over; grace is for a backend that is down.
        set req.grace = 0s;
    }
    return (hash);
}

sub vcl_backend_response {
    if (beresp.http.surrogate-key && beresp.status == 200) {
        set beresp.http.xkey = beresp.http.surrogate-key;
        if (beresp.ttl > 2s) {
            set beresp.ttl = 2s;
        }
        # As long as nginx shows a copy that nobody writes any more.
        set beresp.grace = 5s;
        return (deliver);
    }
    set beresp.grace = 0s;
    if (bereq.url ~ "^/assets/" && beresp.status == 200 && beresp.http.cache-control ~ "immutable") {
        return (deliver);
    }
    # Fetched anew by everybody, at the same time.
    set beresp.uncacheable = true;
    set beresp.ttl = 1s;
    return (deliver);
}

sub vcl_deliver {
    # What is meant for this cache alone. To everybody behind it a page is as Broadsheet means it.
    if (resp.http.surrogate-key) {
        set resp.http.cache-control = "no-cache";
        unset resp.http.surrogate-key;
        unset resp.http.age;
    }
    unset resp.http.xkey;
    unset resp.http.via;
    unset resp.http.x-varnish;
}
