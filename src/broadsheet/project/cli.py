"""`broadsheet`, the one program: verbs mapped to management commands."""

import os
import sys
from importlib.metadata import version

from .options import BadOptionError

#: verb → (management command, what it does). The command's own `--help` says the rest.
VERBS = {
    "demo": ("demo", "fill a newsroom with made-up articles, then serve it"),
    "init": ("init", "set up an installation in BROADSHEET_HOME, without asking anything"),
    "serve": ("serve", "run everything on this machine: web processes and the worker"),
    "worker": ("worker", "run the worker alone: deliver facts, fold views, publish on time"),
    "user": ("user", "make a login for the desk, or give one a new password"),
    "import": ("import_articles", "bring articles in: a saved page, or an archive"),
    "recount": ("recount", "count the whole view log again and print each difference"),
    "index": ("index_articles", "complete the index of search, or make it anew"),
    "themes": ("themes", "measure how stories are found, and say why articles are together"),
    "backup": ("backup", "copy the installation into a directory, while it runs"),
    "restore": ("restore", "put a backup back, where no installation is yet"),
    "health": ("health", "say how the installation is doing"),
}
INTERRUPTED = 130
BAD_USAGE = 2


def main() -> None:
    arguments = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.project.settings")
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(usage())  # noqa: T201 - this is the program's answer
        sys.exit(0 if arguments else BAD_USAGE)
    if arguments[0] in {"--version", "version"}:
        print(f"broadsheet {version('broadsheet')}")  # noqa: T201
        return
    verb, *rest = arguments
    if verb != "manage" and verb not in VERBS:
        print(f"broadsheet: there is no {verb!r}\n\n{usage()}", file=sys.stderr)  # noqa: T201
        sys.exit(BAD_USAGE)
    sys.exit(run(verb, rest))


def run(verb: str, arguments: list[str]) -> int:
    """Run the management command behind `verb` and return the exit code."""
    try:
        # Not before now: the settings are read on import, and can be wrong.
        import django  # noqa: PLC0415
        from django.core import management  # noqa: PLC0415

        if verb == "manage":
            management.ManagementUtility(["broadsheet manage", *arguments]).execute()
            return 0
        django.setup()
        name = VERBS[verb][0]
        command = management.load_command_class(management.get_commands()[name], name)
        # Run under the verb, so that --help and errors print what people type.
        command.run_from_argv(["broadsheet", verb, *arguments])
    except BadOptionError as error:
        print(f"broadsheet: {error}", file=sys.stderr)  # noqa: T201
        return BAD_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def usage() -> str:
    lines = ["usage: broadsheet VERB [options]        (broadsheet VERB --help says more)", ""]
    lines += [f"  {verb:10}{text}" for verb, (_, text) in VERBS.items()]
    lines += [f"  {'manage':10}Django's own commands, for those who develop Broadsheet", ""]
    lines += ["Settings: environment variables BROADSHEET_…, or a broadsheet.toml."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
