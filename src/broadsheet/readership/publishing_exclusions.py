"""Tell the web processes, which hold no database, which networks editors have excluded."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from .models import Exclusion
from .networks import EXCLUDED_NETWORKS, Span, parse_network, write_spans
from .reader_keys import widen_to_home
from .whole_files import write_whole

logger = logging.getLogger(__name__)


def publish_exclusions(*, now: datetime) -> int:
    """Write down the networks that are excluded now or will be; return how many there are.

    The file is replaced only where it would change. Raises `OSError` where the disk fails.
    """
    now_ms = int(now.timestamp() * 1000)
    rows = Exclusion.objects.filter(
        Q(until_ms=None) | Q(until_ms__gt=now_ms), kind=Exclusion.Kind.NETWORK
    )
    spans = []
    for value, from_ms, until_ms in rows.order_by("pk").values_list("value", "from_ms", "until_ms"):
        try:
            spans.append(Span(widen_to_home(parse_network(value)), from_ms, until_ms))
        except ValueError:
            logger.warning("An excluded network is none: %r", value)
    path = Path(settings.INTAKE_DIRECTORY) / EXCLUDED_NETWORKS
    text = write_spans(spans)
    if not path.is_file() or path.read_bytes() != text:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, text)
    return len(spans)
