"""Who may do what at the desk: two groups of Django's, kept as the newsroom set them up."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from wagtail.images.models import Image
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)

from broadsheet.articles.models import (
    Article,
    Author,
    Edition,
    Person,
    Section,
    Source,
    Tag,
)
from broadsheet.readership.models import ArticleCount, Exclusion, PopularChoice
from broadsheet.themes.models import Story

from .models import GlossaryTerm

EDITORS = "Editors"
REPORTERS = "Reporters"
APPROVAL = "Editors’ approval"

Rights = dict[type[Model], tuple[str, ...]]

_RECORDS: tuple[type[Model], ...] = (Section, Tag, Person, Source, Author)

#: model → what may be done with it; an article can be published, locked and unlocked as well.
#: Who may view counts sees how everything is read, others what carries their byline. Who may change a story decides where articles belong.
EDITORS_MAY: Rights = {
    Article: ("add", "change", "delete", "publish", "lock", "unlock"),
    Edition: ("add", "change"),
    GlossaryTerm: ("add", "change", "delete"),
    ArticleCount: ("view",),
    Exclusion: ("add",),
    PopularChoice: ("add",),
    Story: ("view", "change"),
    **dict.fromkeys(_RECORDS, ("add", "change", "delete")),
}
REPORTERS_MAY: Rights = {
    Article: ("add", "change"),
    Story: ("view",),
    **dict.fromkeys((Tag, Person, Source), ("add", "change")),
}
EDITORS_MAY_WITH_IMAGES = ("add", "change", "choose")
REPORTERS_MAY_WITH_IMAGES = ("add", "choose")


def set_up_roles() -> None:
    """Make the groups with their permissions where they are missing. Safe to run again.

    Editors publish; reporters write, and submit to the editors. What an agency has granted
    beyond that stays. The first time, Wagtail's own groups for pages make room.
    """
    with transaction.atomic():
        reporters, is_first = Group.objects.get_or_create(name=REPORTERS)
        editors, _ = Group.objects.get_or_create(name=EDITORS)
        if is_first:
            _clear_away_page_roles(editors)
        _grant(editors, EDITORS_MAY, EDITORS_MAY_WITH_IMAGES)
        _grant(reporters, REPORTERS_MAY, REPORTERS_MAY_WITH_IMAGES)
        if is_first:
            _let_editors_approve(editors)


def _clear_away_page_roles(editors: Group) -> None:
    """Undo what Wagtail's migrations give: rights on pages and documents, and "Moderators"."""
    GroupPagePermission.objects.filter(group=editors).delete()
    GroupCollectionPermission.objects.filter(group=editors).delete()
    Workflow.objects.filter(name="Moderators approval").update(active=False)
    Group.objects.filter(name="Moderators", user=None).delete()


def _grant(group: Group, may: Rights, may_with_images: Iterable[str]) -> None:
    desk = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    wanted = [desk]
    for model, actions in may.items():
        content_type = ContentType.objects.get_for_model(model)
        codenames = [f"{action}_{content_type.model}" for action in actions]
        wanted += Permission.objects.filter(content_type=content_type, codename__in=codenames)
    group.permissions.add(*wanted)
    root = Collection.get_first_root_node()
    # Wagtail keeps the rights on images at its own model, whichever model the images have.
    for permission in Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(Image),
        codename__in=[f"{action}_image" for action in may_with_images],
    ):
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=root, permission=permission
        )


def _let_editors_approve(editors: Group) -> None:
    articles = ContentType.objects.get_for_model(Article)
    if WorkflowContentType.objects.filter(content_type=articles).exists():
        return
    task = GroupApprovalTask.objects.create(name=APPROVAL)
    task.groups.add(editors)
    workflow = Workflow.objects.create(name=APPROVAL)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowContentType.objects.create(content_type=articles, workflow=workflow)
