"""Fill the slots of a page: every count of one answer comes from one snapshot."""

from collections.abc import Callable, Iterable
from typing import Protocol

from .pages import Entry, FragmentSlot, Page, Part, ViewsSlot


class Counts(Protocol):
    """View counts of one moment, by article; they never change once they were handed out."""

    def __getitem__(self, article_id: int, /) -> int: ...


#: The markup of a count: (edition, article, count) → bytes.
ShowViews = Callable[[str, int, int], bytes]
FindFragment = Callable[[str], Page | None]


class MissingFragmentError(LookupError):
    """A page has a slot for a fragment that is not there. `address` names it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def assemble(
    parts: Iterable[Part],
    edition: str,
    *,
    counts: Counts,
    find_fragment: FindFragment,
    show_views: ShowViews,
) -> list[bytes]:
    """Return the pieces of an answer: `parts` of a page of `edition`, each slot filled.

    Raises `MissingFragmentError` where `find_fragment` returns None for a slot.
    """
    pieces: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pieces.append(part)
        elif isinstance(part, ViewsSlot):
            pieces.append(show_views(edition, part.article_id, counts[part.article_id]))
        elif isinstance(part, FragmentSlot):
            fragment = find_fragment(part.address)
            if fragment is None:
                raise MissingFragmentError(part.address)
            pieces += assemble(
                _choose(fragment.parts, part),
                edition,
                counts=counts,
                find_fragment=find_fragment,
                show_views=show_views,
            )
    return pieces


def _choose(parts: tuple[Part, ...], slot: FragmentSlot) -> list[Part]:
    """Return a fragment without the entries that the slot leaves out; none where none is left."""
    chosen: list[Part] = []
    shown, has_entries, is_in = 0, False, True
    for part in parts:
        if isinstance(part, Entry):
            is_end = part.article_id == 0
            is_left_out = part.article_id == slot.without or 0 < slot.limit <= shown
            is_in = is_end or not is_left_out
            has_entries = has_entries or not is_end
            shown += is_in and not is_end
        elif is_in:
            chosen.append(part)
    return chosen if shown or not has_entries else []
