import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.operations.demo.contents import BadContentError
from broadsheet.operations.demo.filling import NotADemoError, fill_newsroom
from broadsheet.operations.logins import make_login
from broadsheet.operations.serving import BadAddressError, add_bind_option, parse_bind, serve
from broadsheet.operations.setting_up import UnknownEditionError, set_up_installation
from broadsheet.operations.working import WorkerRunsError
from broadsheet.readership.whole_files import BadFileError

LOGIN = "demo"


class Command(BaseCommand):
    help = (
        "Fill a newsroom with made-up articles, pictures and readers, then serve it. Sets up the "
        "installation in BROADSHEET_HOME where there is none. A newsroom that was filled before "
        "is only served; one with articles of its own is refused."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_bind_option(parser)

    def handle(self, **options: Any) -> None:
        try:
            parse_bind(options["bind"])  # said before a minute's work, not after it
            set_up_installation(tell=self.stderr.write)
            fill_newsroom(now=timezone.now(), tell=self.stderr.write)
            self._introduce(options["bind"])
            code = serve(options["bind"])
        except (
            BadAddressError, BadContentError, BadFileError, NotADemoError, UnknownEditionError,
            WorkerRunsError,
        ) as error:  # fmt: skip
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(f"{settings.HOME} cannot be used: {error}", returncode=2) from None
        if code:
            sys.exit(code)

    def _introduce(self, bind: str) -> None:
        """Print the addresses, and a login: its password is made here and shown this once."""
        self.stdout.write(f"the site   http://{bind}/\nthe desk   http://{bind}/desk/")
        if get_user_model().objects.filter(username=LOGIN).exists():
            self.stdout.write(f"the login  {LOGIN}; for a new password: broadsheet user {LOGIN}")
        else:
            password = make_login(LOGIN, role="admin")
            self.stdout.write(f"the login  {LOGIN}, password {password} (shown only now)")
        self.stdout.flush()
