"""Debian's Chromium, without a screen and without a network of its own."""

from contextlib import contextmanager

from playwright.sync_api import sync_playwright


@contextmanager
def open_chromium(*, keeps_pages=False):
    """A fresh browser; a missing one is an error, never a skip (`make browser` installs it).

    With `keeps_pages` it has the back/forward cache that Playwright takes away.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--no-first-run",
            ],
            ignore_default_args=["--disable-back-forward-cache"] if keeps_pages else None,
        )  # fmt: skip
        yield browser
        browser.close()
