"""Which pages have a public copy, in one web process: those that are asked for often.

Of a page with a copy the requests are not seen any more. So a copy is lent for half a minute, is
kept up to date for so long, and then has to be earned anew, which takes a popular page a second.
"""

import asyncio
import logging
import os
import random
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from .answering import OK, Answers, Assembled
from .pages import Page
from .public_copies import Copy, PublicCopies, can_be_copied

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: Less than the second that numbers may be late for it: publishing them takes up to a second too.
ROUND_SECONDS = 0.75
MOST_COPIES = 500
HOT_A_SECOND = 1.0
#: One click alone is not often, however many processes share the readers.
LEAST_ASKED = 1.5
#: What was not looked at after so long in a round goes: numbers are at most 2 s old.
LONGEST_ROUND_SECONDS = 1.2
LEASE_SECONDS = (20.0, 30.0)  # spread, so that not all end at once


class CopyWriter:
    """Writes the copies of pages that are hot in this process. For the event loop's thread.

    The threshold is that of the whole installation, which has `processes`. `headers_of(edition)`
    are the headers that nginx gives a page; a page with others has no copy.
    """

    def __init__(
        self,
        answers: Answers,
        copies: PublicCopies,
        *,
        headers_of: Callable[[str], Iterable[tuple[str, str]]],
        processes: int = 1,
    ) -> None:
        self._answers = answers
        self._copies = copies
        self._headers_of = headers_of
        # What `most_asked` says of a page that is asked for so often, after a while.
        steady = 4 * HOT_A_SECOND * ROUND_SECONDS / processes
        self._least = max(LEAST_ASKED, steady)
        self._writer = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._leases: dict[str, float] = {}  # until when, monotonic seconds
        #: What each copy shows, and the tags of that.
        self._written: dict[str, tuple[str, frozenset[str]]] = {}
        self._has_begun = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="public-copies")

    async def run(self) -> None:
        """Keep the copies up to date, until cancelled."""
        is_failing = False
        while True:
            try:
                await self._go_round()
                is_failing = False
            except OSError as error:
                # Without a beat the others take the copies away.
                if not is_failing:
                    logger.error("Public copies cannot be kept: %s", error)  # noqa: TRY400 - no stack says more
                is_failing = True
            await asyncio.sleep(ROUND_SECONDS)

    def close(self) -> None:
        """Remove this process's copies. Waits for what is being written; call it at the end."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._copies.leave(self._writer)

    async def _go_round(self) -> None:
        """Give new leases, bring every copy up to date, and end what is over. Raises `OSError`."""
        began = time.monotonic()
        present = await self._in_thread(self._begin)
        self._lend(present)
        mine = {at for at, copy in present.items() if copy.writer == self._writer}
        for address in list(self._leases):
            if time.monotonic() - began > LONGEST_ROUND_SECONDS:
                del self._leases[address]
            await self._keep(address, is_present=address in mine)
            await asyncio.sleep(0)  # readers have their turn
        await self._in_thread(partial(self._copies.beat, self._writer))

    def _begin(self) -> dict[str, Copy]:
        self._copies.prepare()
        if not self._has_begun:
            self._copies.beat(self._writer)
            self._has_begun = True
        self._copies.withdraw_silent(now=time.time())
        return self._copies.find_all()

    def _lend(self, present: Collection[str]) -> None:
        room = MOST_COPIES - len(self._leases.keys() | set(present))
        for found in self._answers.most_asked(least=self._least):
            address = found.page.address
            is_lent = address in self._leases or address in present
            if room > 0 and not is_lent and self._can_be_copied(found.page):
                room -= 1
                lasts = random.uniform(*LEASE_SECONDS)  # noqa: S311 - it is no secret
                self._leases[address] = time.monotonic() + lasts

    async def _keep(self, address: str, *, is_present: bool) -> None:
        """See that the copy of one page is right, or away."""
        found = None
        if time.monotonic() < self._leases.get(address, 0.0):
            found = self._answers.look_at(address)
        else:
            self._leases.pop(address, None)
        if found is not None and self._can_be_copied(found.page):
            shown = found.tag, found.page.tags.union(*(part.tags for part in found.fragments))
            if is_present and self._written.get(address) == shown:
                return
            if await self._in_thread(partial(self._write, found)):
                self._written[address] = shown
                return
        # What cannot be shown just now may be in a second, as long as its lease lasts.
        if self._written.pop(address, None) is not None:
            journal = self._answers.store.journal
            await self._in_thread(partial(self._copies.remove, address, journal=journal))

    def _can_be_copied(self, page: Page) -> bool:
        return (
            page.status == OK
            and can_be_copied(page.address)
            and page.address.split("/", 2)[1] == page.edition
            and page.headers == tuple(self._headers_of(page.edition))
        )

    def _write(self, found: Assembled) -> bool:
        return self._copies.write(
            found.page,
            found.fragments,
            found.body,
            store=self._answers.store,
            writer=self._writer,
        )

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)
