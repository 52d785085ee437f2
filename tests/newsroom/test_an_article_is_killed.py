import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.newsroom.desk import desk, publish

from broadsheet.articles.models import Article
from broadsheet.outbox.models import Fact

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def test_the_address_answers_410_with_the_notice(editor):
    article = ArticleFactory(headline="Bridge opens")
    assert desk("kill", article.pk) in editor.get(desk("edit", article.pk)).content.decode()
    assert "“Bridge opens” is taken down" in editor.get(desk("kill", article.pk)).content.decode()
    answer = editor.post(desk("kill", article.pk), {"notice": "The bridge is closed. We erred."})
    assert answer["Location"] == desk("edit", article.pk)
    gone = editor.get("/en/news/bridge-opens")
    assert gone.status_code == 410
    assert "The bridge is closed. We erred." in gone.content.decode()
    assert Fact.objects.order_by("-pk").first().name == "ArticleUnpublished"
    history = editor.get(desk("history", article.pk)).content.decode()
    assert "Withdrawn for good" in history


@pytest.mark.parametrize("notice", ["", "   "])
def test_without_a_notice_nothing_happens(editor, notice):
    article = ArticleFactory()
    answer = editor.post(desk("kill", article.pk), {"notice": notice})
    assert answer.status_code == 200
    assert answer.context["form"].errors["notice"]
    article.refresh_from_db()
    assert article.live


def test_only_what_is_live_can_be_killed(editor):
    draft = ArticleFactory(draft=True)
    answer = editor.post(desk("kill", draft.pk), {"notice": "Never mind."})
    assert answer["Location"] == desk("edit", draft.pk)
    assert not Article.objects.get(pk=draft.pk).is_killed
    assert desk("kill", draft.pk) not in editor.get(desk("edit", draft.pk)).content.decode()


def test_publishing_again_lifts_it(editor):
    article = ArticleFactory(headline="Bridge opens")
    editor.post(desk("kill", article.pk), {"notice": "Closed."})
    publish(editor, article, slug="bridge-opens")
    assert editor.get("/en/news/bridge-opens").status_code == 200
