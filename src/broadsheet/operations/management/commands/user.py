import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from broadsheet.operations.logins import ROLES, BadLoginError, make_login
from broadsheet.operations.setting_up import NotSetUpError, check_set_up


class Command(BaseCommand):
    help = (
        "Make a login for the desk and print its password, or give an existing login a new one. "
        "The password is made at random unless --password-stdin gives it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name to log in with")
        parser.add_argument(
            "--role",
            choices=ROLES,
            help="editors publish, reporters write, admins also manage the installation "
            "(default: editor for a new login; an existing one keeps its role)",
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else None
        try:
            check_set_up()
            made = make_login(options["name"], role=options["role"], password=password)
        except (NotSetUpError, BadLoginError) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(f"{options['name']} {made}" if password is None else options["name"])
