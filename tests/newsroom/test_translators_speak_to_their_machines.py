"""Each client against a machine that answers as its real one does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from broadsheet.newsroom.translators import TranslatorError, find_translator

HELLO = "<p>Hello, <b>world</b></p>"
ANSWER = "<p>Вітаю, <b>світе</b></p>"


class Machine(BaseHTTPRequestHandler):
    asked = []
    status = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers["Content-Type"]
        sent = json.loads(body) if is_json else parse_qs(body)
        self.asked.append((self.path.partition("?")[0], sent, dict(self.headers)))
        texts = sent.get("text") or sent.get("q")
        texts = texts if isinstance(texts, list) else [texts]
        one = {
            "text": ANSWER,
            "translatedText": ANSWER,
            "detected_source_language": "EN",
            "billed_characters": 5,
        }
        answers = [one] * len(texts)
        answer = {
            "translations": answers,
            "data": {"translations": answers},
            "translatedText": [ANSWER] * len(texts),
        }
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_args):
        pass


@pytest.fixture
def machine(settings):
    Machine.asked, Machine.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Machine)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TRANSLATOR_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TRANSLATOR_KEY = "a-key"
    yield Machine
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "name",
    ["deepl", "libretranslate", "google"],
)
def test_a_client_sends_html_and_gets_it_translated(settings, machine, name):
    settings.TRANSLATOR = name
    translator = find_translator()
    assert translator.translate([HELLO, HELLO], source="en", target="uk") == [ANSWER, ANSWER]
    said = json.dumps([sent for _path, sent, _headers in machine.asked]).lower()
    assert '"uk"' in said
    assert "html" in said
    machine.status = 403
    with pytest.raises(TranslatorError):
        translator.translate([HELLO], source="en", target="uk")


def test_what_is_not_set_up_says_what_is_missing(settings):
    settings.TRANSLATOR = "babelfish"
    with pytest.raises(TranslatorError, match="not 'babelfish'"):
        find_translator()
    settings.TRANSLATOR = ""
    assert find_translator() is None


def test_practice_marks_text_and_nothing_else(settings):
    settings.TRANSLATOR = "practice"
    texts = ["Hello", HELLO, '<p><span translate="no">Київ</span> waits</p>']
    assert find_translator().translate(texts, source="en", target="uk") == [
        "[uk] Hello",
        "<p>[uk] Hello, <b>world</b></p>",
        '<p><span translate="no">Київ</span> [uk] waits</p>',
    ]
