import html5lib
from django.utils import timezone
from hypothesis import given
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory
from tests.markup import HOSTILE, assert_plain
from tests.newsroom.desk import article_form, desk

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import publish_imported
from broadsheet.articles.rich_text import clean_stored

KEPT = {"href", "lang", "dir", "linktype", "id", "data-block-key"}
TRAP = (
    '<p>Read <a href="java&#10;script:x()" onclick=x()>on</a><script>x()</script>'
    "<img src=x onerror=x()><!--views:1--><svg><style>p{}</style></svg>.</p>"
)


@given(HOSTILE)
def test_only_plain_markup_is_kept_and_cleaning_it_again_changes_nothing(source):
    kept = clean_stored(source)
    assert_plain(kept, KEPT)
    assert clean_stored(kept) == kept


def stored(article):
    article = Article.objects.get(pk=article.pk)
    return [article.body, article.latest_revision and article.latest_revision.as_object().body]


@both_databases
def test_no_way_into_the_record_lets_markup_through(editions, admin):
    body = [("paragraph", TRAP), ("list", [TRAP])]
    saved = ArticleFactory(body=body)
    saved.save_revision().publish()
    imported = Article(
        locale=editions["en"].locale, section=saved.section, headline="From elsewhere",
        slug="from-elsewhere", first_published_at=timezone.now(), body=body,
    )  # fmt: skip
    publish_imported([imported], now=timezone.now())
    # What the editor sends is read anew; a browser may send anything.
    trap = '{"blocks": [{"key": "a", "text": "Read <script>x()</script>", "type": "unstyled",'
    trap += '"depth": 0, "entityRanges": [{"offset": 0, "length": 4, "key": 0}],'
    trap += '"inlineStyleRanges": [{"offset": 0, "length": 4, "style": "BOLD"}]}], "entityMap":'
    trap += '{"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "javascript:x()"}}}}'
    form = article_form("By hand", SectionFactory(), body=[("paragraph", trap)])
    admin.post(desk("add") + "?locale=en", form)
    typed = Article.objects.get(headline="By hand")
    for article in (saved, imported, typed):
        for kept in filter(None, stored(article)):
            texts = [kept.raw_data[0]["value"]]
            texts += [one["value"] for block in kept.raw_data[1:] for one in block["value"]]
            for text in texts:
                assert "Read" in text
                assert "script:" not in text
                assert_plain(text, KEPT)


@both_databases
def test_a_link_to_a_record_of_the_desk_is_kept(editions):
    link = '<p data-block-key="k1">See <a id="3" linktype="page">this</a>.</p>'
    article = ArticleFactory(body=[("paragraph", link)])
    kept = Article.objects.get(pk=article.pk).body.raw_data[0]["value"]
    assert html5lib.parseFragment(kept).find(".//*[@linktype='page']").get("id") == "3"
    assert 'data-block-key="k1"' in kept
