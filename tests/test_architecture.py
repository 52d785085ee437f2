"""The ladder, held for what import-linter cannot see: foreign keys named by strings."""

import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parent.parent


def ladder():
    """Label → rung, the lowest 0, from the one place that states it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return {
        f"broadsheet_{name.strip(' ()')}": rung
        for rung, layer in enumerate(reversed(layers))
        for name in layer.split("|")
    }


def our_relations():
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is not None:
                yield model._meta.app_label, field.related_model._meta.app_label, field


def test_every_app_has_a_rung():
    labels = {c.label for c in apps.get_app_configs() if c.name.startswith("broadsheet.")}
    assert labels <= set(ladder())


def test_foreign_keys_point_down_the_ladder():
    rungs = ladder()
    wrong = [
        f"{field} points from {ours} up or across to {theirs}"
        for ours, theirs, field in our_relations()
        if ours in rungs and theirs in rungs and ours != theirs and rungs[theirs] >= rungs[ours]
    ]
    assert not wrong


def test_readership_and_content_share_no_foreign_key():
    across = [
        str(field)
        for ours, theirs, field in our_relations()
        if (ours == "broadsheet_readership") != (theirs == "broadsheet_readership")
    ]
    assert not across


def test_the_readmes_of_the_apps_are_short():
    for app in (ROOT / "src/broadsheet").iterdir():
        if app.is_dir() and app.name not in {"__pycache__", "locale", "project"}:
            readme = app / "README.md"
            assert readme.is_file(), f"{app.name} has no README"
            assert len(readme.read_text().splitlines()) <= 15, f"{app.name}/README.md is long"
