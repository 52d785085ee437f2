"""What the tests of the site share: fetch a page, and read it as a tree."""

import html5lib


def parse(response):
    """Return the page as an ElementTree of plain HTML names; bad markup fails the test."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(response.content.decode())


def find(tree, path):
    return tree.findall(f".//{path}")


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def block(tree, name):
    found = [e for e in tree.iter() if e.get("data-block") == name]
    return found[0] if found else None


def cards(element):
    return [e for e in element.iter("article") if e.get("class") == "card"]


def counts(tree):
    return [(e.get("data-article"), e.get("value"), e.text) for e in tree.iter("data")]
