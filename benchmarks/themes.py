"""How good and how fast the stories are, on labelled news; beside plain cosine in the same run.

    python benchmarks/themes.py [DIRECTORY] [--threshold 0.2] [--results FILE]

DIRECTORY holds the labelled sets (default: `$BROADSHEET_SHARED/data/stories`, else
`../shared/data/stories`). Each set is published into an installation of its own (SQLite, in a
temporary directory) and related in the order of its dates by the code that the site runs.
Undated articles get one and the same moment. The peer is what most systems do: tf-idf of whole
words, the story with the nearest centroid, one threshold, no time; it may choose its threshold
after seeing the labels.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="broadsheet-bench-"))
os.environ["BROADSHEET_HOME"] = str(HOME)
os.environ["BROADSHEET_SECRET_KEY"] = "for-this-run"
os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"

UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
PEER_THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
LANGUAGES = ("en", "uk")


def read_sets(directory, only):
    """Yield name, language and articles of each set, in the order of their dates."""
    for path in sorted(directory.glob(f"{only}.jsonl")):
        by_language = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            if article["lang"] in LANGUAGES:
                by_language[article["lang"]].append(article)
        for language, articles in sorted(by_language.items()):
            articles.sort(key=lambda article: article["date"] or "")
            name = path.stem + (f" {language}" if len(by_language) > 1 else "")
            yield name, language, articles


def moment_of(article):
    if not article["date"]:
        return UNDATED
    return datetime.fromisoformat(article["date"]).replace(tzinfo=UTC)


# --- the program as shipped -------------------------------------------------


def publish(articles, edition, section):
    """Put articles into the installation and return their keys; not measured."""
    from broadsheet.articles.models import Article

    made = []
    for number, article in enumerate(articles):
        row = Article(
            locale=edition.locale,
            section=section,
            slug=f"article-{number}",
            headline=article["title"][:300],
            body=[("paragraph", text) for text in _paragraphs(article["text"])],
            first_published_at=moment_of(article),
            live=True,
        )
        row.note_contents()
        made.append(row)
    Article.objects.bulk_create(made, batch_size=200)
    return [row.pk for row in made]


def _paragraphs(text):
    from django.utils.html import escape

    return [f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip()]


def relate(keys):
    """Relate in batches as an import does; return the story of each key and the seconds."""
    from broadsheet.themes.models import StoryMember
    from broadsheet.themes.relating import relate_articles

    began = time.perf_counter()
    now = datetime.now(UTC)
    for start in range(0, len(keys), 50):
        relate_articles(keys[start : start + 50], now=now)
    seconds = time.perf_counter() - began
    stories = dict(StoryMember.objects.values_list("article_id", "story_id"))
    return [stories[key] for key in keys], seconds


def relate_singly(keys):
    """Relate once more, one article at a time as the desk does; return the seconds of each."""
    from broadsheet.themes.relating import relate_article

    times = []
    for key in keys:
        began = time.perf_counter()
        relate_article(key, now=datetime.now(UTC))
        times.append(time.perf_counter() - began)
    return times


def empty_installation():
    from broadsheet.articles.models import Article
    from broadsheet.themes import models

    for model in (
        models.RelatedArticle, models.AnnouncedDate, models.Posting, models.Reading,
        models.StoryMember, models.Story, models.DocumentFrequency,
    ):  # fmt: skip
        model.objects.all()._raw_delete("default")
    Article.objects.all()._raw_delete("default")


# --- the peer ---------------------------------------------------------------


def plain_cosine(articles, language, threshold):
    """Single-pass clustering: tf-idf of whole words, nearest centroid, no time."""
    import re

    from broadsheet.themes.languages import language_of

    stop_words = language_of(language).stop_words
    held, postings, centroids, story_of = Counter(), defaultdict(set), [], []
    for number, article in enumerate(articles, 1):
        words = re.findall(r"\w+", f"{article['title']} {article['text']}".casefold())
        counts = Counter(word for word in words if word not in stop_words)
        held.update(counts.keys())
        weights = {
            w: (1 + math.log(n)) * math.log((number + 1) / held[w]) for w, n in counts.items()
        }
        kept = dict(sorted(weights.items(), key=lambda pair: -pair[1])[:120])
        length = math.sqrt(sum(weight * weight for weight in kept.values())) or 1.0
        vector = {word: weight / length for word, weight in kept.items()}
        rough = Counter()
        for word in list(vector)[:25]:
            for story in postings[word]:
                rough[story] += 1
        best, score = None, threshold
        for story, _ in rough.most_common(40):
            centroid = centroids[story]
            size = math.sqrt(sum(weight * weight for weight in centroid.values())) or 1.0
            near = sum(weight * centroid.get(word, 0.0) for word, weight in vector.items()) / size
            if near > score:
                best, score = story, near
        if best is None:
            best = len(centroids)
            centroids.append(Counter())
        centroids[best].update(vector)
        for word in list(vector)[:25]:
            postings[word].add(best)
        story_of.append(best)
    return story_of


# --- the measures -----------------------------------------------------------


def measure(found, given):
    """BCubed and pairwise precision, recall and F1 over the labelled articles."""
    pairs = [(f, g) for f, g in zip(found, given, strict=True) if g is not None]
    cells, by_found, by_given = Counter(pairs), Counter(), Counter()
    for (f, g), count in cells.items():
        by_found[f] += count
        by_given[g] += count
    precision = sum(n * n / by_found[f] for (f, _), n in cells.items()) / len(pairs)
    recall = sum(n * n / by_given[g] for (_, g), n in cells.items()) / len(pairs)
    together = sum(n * (n - 1) for n in cells.values())
    in_found = sum(n * (n - 1) for n in by_found.values())
    in_given = sum(n * (n - 1) for n in by_given.values())
    pair_precision = together / in_found if in_found else 0.0
    pair_recall = together / in_given if in_given else 0.0
    return {
        "bP": precision, "bR": recall, "bF": f1(precision, recall),
        "pP": pair_precision, "pR": pair_recall, "pF": f1(pair_precision, pair_recall),
        "found": len(by_found), "given": len(by_given),
    }  # fmt: skip


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def row(name, method, measures, rate=None):
    numbers = "  ".join(f"{measures[key]:.3f}" for key in ("bP", "bR", "bF", "pP", "pR", "pF"))
    speed = f"{rate:7.0f}/s" if rate else " " * 9
    return f"{name:24} {method:22} {numbers}  {measures['found']:5}/{measures['given']:<5}{speed}"


def run(directory, only, write):
    from broadsheet.articles.models import SectionName
    from broadsheet.articles.setting_up import set_up_editions

    editions = {
        edition.code: edition
        for edition in set_up_editions(
            LANGUAGES,
            site_name="Bench",
            time_zone="UTC",
            section_names={"en": "News", "uk": "Новини"},
        )
    }
    section = SectionName.objects.first().owner
    means = defaultdict(list)
    singly = []
    write(f"{'set':24} {'method':22} bP     bR     bF     pP     pR     pF     stories found/given")
    for name, language, articles in read_sets(directory, only):
        given = [article["story"] for article in articles]
        empty_installation()
        keys = publish(articles, editions[language], section)
        found, seconds = relate(keys)
        ours = measure(found, given)
        write(row(name, "broadsheet", ours, len(keys) / seconds))
        singly += relate_singly(keys[-100:])
        peers = [(measure(plain_cosine(articles, language, t), given), t) for t in PEER_THRESHOLDS]
        peer, threshold = max(peers, key=lambda pair: pair[0]["bF"])
        write(row(name, f"plain cosine > {threshold}", peer))
        alone = measure(range(len(given)), given)
        write(row(name, "every article alone", alone))
        for method, measures in (("broadsheet", ours), ("plain cosine", peer), ("alone", alone)):
            means[method].append(measures)
    for method, measures in means.items():
        macro = {key: sum(m[key] for m in measures) / len(measures) for key in ("bF", "pP", "pF")}
        write(
            f"mean of the sets, {method}: bF {macro['bF']:.3f}, pP {macro['pP']:.3f}, pF {macro['pF']:.3f}"
        )
    singly.sort()
    write(
        f"one article at a time: median {1000 * singly[len(singly) // 2]:.1f} ms,"
        f" p99 {1000 * singly[int(len(singly) * 0.99)]:.1f} ms"
    )


def main():
    root = Path(__file__).resolve().parent.parent
    shared = Path(os.environ.get("BROADSHEET_SHARED", root.parent / "shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path, default=shared / "data" / "stories")
    parser.add_argument(
        "--threshold", type=float, help="join a story above this (default: shipped)"
    )
    parser.add_argument("--only", default="*", help="sets whose file names match, such as ecb*")
    parser.add_argument("--results", type=Path, help="write the table to this file too")
    arguments = parser.parse_args()
    if not arguments.directory.is_dir():
        sys.exit(f"no labelled sets in {arguments.directory}: name their directory")
    import django
    from django.core.management import call_command

    django.setup()
    for database in ("default", "readership"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    if arguments.threshold is not None:
        from broadsheet.themes import clustering

        clustering.find_story.__kwdefaults__["threshold"] = arguments.threshold
    lines = []

    def write(line):
        print(line, flush=True)
        lines.append(line)

    try:
        run(arguments.directory, arguments.only, write)
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
    if arguments.results:
        arguments.results.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
