"""Every address of every viewset, asked as somebody who may not."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory, TagFactory
from tests.newsroom.desk import article_form, desk, publish
from wagtail.models import Task, Workflow, WorkflowContentType

from broadsheet.articles.models import Article, Author, Edition, Person, Section, Source, Tag
from broadsheet.articles.publishing import kill
from broadsheet.newsroom.editions import EditionViewSet
from broadsheet.newsroom.roles import EDITORS, REPORTERS, set_up_roles

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

#: Parts of the addresses beyond the record's key.
PARTS = {
    "revision_id": 1,
    "revision_id_a": "earliest",
    "revision_id_b": "latest",
    "action_name": "approve",
    "task_state_id": 1,
    "workflow_state_id": 1,
    "task_id": 1,
    "edition": "uk",
}
REFUSED = {302, 403, 404, 405}
#: Says to anybody at the desk that there is no workflow to cancel; shows and does nothing.
HARMLESS = {"confirm_workflow_cancellation"}


def addresses(viewset, pk):
    """Every address of a viewset, by the name of its view."""
    patterns = viewset.get_urlpatterns()
    found = {}
    for pattern in patterns:
        wanted = pattern.pattern.regex.groupindex
        parts = {name: PARTS.get(name, pk) for name in wanted}
        found[pattern.name] = reverse(f"{viewset.url_namespace}:{pattern.name}", kwargs=parts)
    return found


def is_refused(response):
    """Sent away: to the login, to the first page with a message, or told that nothing is there."""
    if response.status_code == 302:
        return response["Location"].split("?")[0] in {"/desk/", "/desk/login/"}
    return response.status_code in REFUSED


def state_of(article):
    article = Article.objects.get(pk=article.pk)
    return article.live, article.headline, article.locked, article.is_killed


def test_the_walk_covers_the_whole_desk(editor):
    names = set(addresses(Article.snippet_viewset, 1))
    assert {"edit", "unpublish", "kill", "write_in", "revisions_revert", "workflow_action"} <= names
    assert len(names) >= 24


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_belongs_to_no_group_reaches_nothing(guest, outsider, client, method):
    article = ArticleFactory()
    viewsets = [
        (Article.snippet_viewset, article.pk),
        *((kind.snippet_viewset, 1) for kind in (Section, Tag, Person, Source, Author)),
        (EditionViewSet(), article.locale_id),
    ]
    for browser in (guest, outsider, client):
        for viewset, pk in viewsets:
            for name, address in addresses(viewset, pk).items():
                response = getattr(browser, method)(address)
                assert name in HARMLESS or is_refused(response), (name, response.status_code)
    assert state_of(article) == (True, article.headline, False, False)
    assert Article.objects.count() == 1


def test_a_reporter_can_write_and_not_publish_by_any_address(reporter):
    article = ArticleFactory(section=SectionFactory(en="World"))
    before = state_of(article)
    data = {
        **article_form("Changed by a reporter", article.section, slug=article.slug),
        "action-publish": "action-publish",
        "notice": "Gone.",
    }
    kept = {"write_in", "submit"}
    for name, address in addresses(Article.snippet_viewset, article.pk).items():
        if name not in kept:
            reporter.post(address, data)
        assert state_of(article) == before, name
    for name in ("unpublish", "kill", "delete"):
        assert is_refused(reporter.get(desk(name, article.pk))), name
    assert article.get_absolute_url() in reporter.get(desk("edit", article.pk)).content.decode()


def test_a_reporter_writes_a_draft_and_submits_it_to_the_editors(reporter, editor):
    section = SectionFactory(en="World")
    data = article_form("Port strike ends", section)
    answer = reporter.post(desk("add"), {**data, "action-submit": "action-submit"})
    assert answer.status_code == 302
    article = Article.objects.get()
    assert not article.live
    assert article.current_workflow_state is not None
    assert "Awaiting your review" in editor.get("/desk/").content.decode()
    assert "In review" in reporter.get("/desk/").content.decode()
    assert "in review" in editor.get(desk("list")).content.decode()
    task_state = article.current_workflow_task_state
    assert (
        is_refused(reporter.post(desk("workflow_action", article.pk, "approve", task_state.pk)))
        or not Article.objects.get().live
    )
    editor.post(desk("workflow_action", article.pk, "approve", task_state.pk))
    assert Article.objects.get().live


def test_an_editor_does_everything_without_being_superuser(editor):
    article = ArticleFactory(section=SectionFactory(en="World"))
    assert not editor.user.is_superuser
    assert publish(editor, article, slug=article.slug).status_code == 302
    assert editor.post(desk("lock", article.pk)).status_code == 302
    assert editor.post(desk("unlock", article.pk)).status_code == 302
    for kind in (Section, Tag, Person, Source, Author):
        for name in ("list", "add"):
            assert editor.get(desk(name, model=kind)).status_code == 200
    for address in ("/desk/", "/desk/editions/", "/desk/editions/new/", "/desk/images/",
                    "/desk/images/multiple/add/", "/desk/account/"):  # fmt: skip
        assert editor.get(address).status_code == 200, address


def test_a_reporter_keeps_tags_people_and_sources_and_not_the_rest(reporter):
    for kind in (Tag, Person, Source):
        assert reporter.get(desk("add", model=kind)).status_code == 200
    for kind in (Section, Author):
        assert is_refused(reporter.get(desk("add", model=kind)))
    assert is_refused(reporter.get(desk("delete", TagFactory(en="Ports").pk, model=Tag)))
    assert is_refused(reporter.get("/desk/editions/"))
    assert reporter.get("/desk/images/multiple/add/").status_code == 200


def test_setting_up_twice_changes_nothing_and_takes_nothing_away(editions):
    set_up_roles()
    editors = Group.objects.get(name=EDITORS)
    extra = Group.objects.get(name=REPORTERS).permissions.model.objects.get(codename="add_user")
    editors.permissions.add(extra)
    WorkflowContentType.objects.all().delete()  # this agency wants no approval
    before = sorted(editors.permissions.values_list("codename", flat=True))
    counts = [model.objects.count() for model in (Group, Task, Workflow)]
    set_up_roles()
    assert sorted(editors.permissions.values_list("codename", flat=True)) == before
    assert [model.objects.count() for model in (Group, Task, Workflow)] == counts
    assert not WorkflowContentType.objects.exists()


def test_the_groups_have_no_rights_on_pages_or_documents(editions):
    set_up_roles()
    assert {"Editors", "Reporters"} == set(Group.objects.values_list("name", flat=True))
    for group in Group.objects.all():
        assert not group.page_permissions.exists()
        kinds = group.collection_permissions.values_list("permission__codename", flat=True)
        assert {name.partition("_")[2] for name in kinds} == {"image"}


def test_a_new_login_works_in_the_zone_of_the_default_edition(editions):
    user = get_user_model().objects.create_user("zoe")
    assert user.wagtail_userprofile.current_time_zone == "Europe/Kyiv"


def test_a_killed_article_can_only_be_published_again_by_an_editor(reporter, editor):
    article = ArticleFactory(section=SectionFactory(en="World"))
    kill(article, notice="Wrong.", now=timezone.now())
    publish(reporter, article, slug=article.slug)
    assert Article.objects.get().is_killed
    publish(editor, article, slug=article.slug)
    assert not Article.objects.get().is_killed
    assert Edition.objects.count() == 2


@pytest.mark.parametrize("words", ['"', "   ", "\0", "NEAR(", "harbour"])
def test_a_search_of_images_is_answered(editor, words):
    for address in ("/desk/images/", "/desk/images/chooser/", "/desk/images/chooser/results/"):
        assert editor.get(address, {"q": words}).status_code == 200, address
