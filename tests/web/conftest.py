import pytest

from broadsheet.readership.queries import PopularList


@pytest.fixture
def counted(monkeypatch):
    """`counted({id: views})`: what readership answers, and how often it was asked."""
    asked = []

    class Numbers(dict):
        def __missing__(self, _article_id):
            return 0

    def set_counts(numbers):
        def answer(article_ids):
            asked.append(tuple(article_ids))
            return Numbers(numbers)

        monkeypatch.setattr("broadsheet.web.answering.numbers", answer)
        return asked

    return set_counts


@pytest.fixture
def ranked(monkeypatch):
    """`ranked(window, [article, …])`: what every Popular answers; returns the questions."""
    asked = []

    def set_ranking(window, articles):
        def answer(edition_id, *, limit=10, now, **of):
            group = {name: of[name] for name in of if name.endswith("_id") and of[name]}
            asked.append({"edition": edition_id, **group})
            return PopularList(window, now, tuple(a.pk for a in articles)[:limit])

        for module in ("fragments", "lists"):
            monkeypatch.setattr(f"broadsheet.web.{module}.popular", answer)
        return asked

    return set_ranking


@pytest.fixture
def themed(monkeypatch):
    """`themed([ThemeEntry, …], [TimelineEntry, …])`: what belongs to every article."""

    def set_theme(theme=(), timeline=()):
        monkeypatch.setattr(
            "broadsheet.web.surroundings.theme_of", lambda _id, **_kwargs: tuple(theme)
        )
        monkeypatch.setattr(
            "broadsheet.web.surroundings.timeline_of", lambda _id, **_kwargs: tuple(timeline)
        )

    return set_theme
