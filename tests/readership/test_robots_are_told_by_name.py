"""Real names of browsers and robots. Whoever updates the lock file sees here what a new list does."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.readership import robots
from broadsheet.readership.robots import find_robot

CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {CHROMIUM}"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM}"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


def webview(device):
    return (
        f"Mozilla/5.0 (Linux; Android 15; {device}; wv) {CHROMIUM} "
        "Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36"
    )


BROWSERS = {
    "Chrome, Windows": f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36",
    "Chrome, Mac": f"{MAC} {CHROMIUM} Chrome/142.0.0.0 Safari/537.36",
    "Chrome, Linux": f"Mozilla/5.0 (X11; Linux x86_64) {CHROMIUM} Chrome/141.0.0.0 Safari/537.36",
    "Chrome, ChromeOS": f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROMIUM} Chrome/142.0.0.0 Safari/537.36",
    "Chrome, Android": f"{ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36",
    "Chrome, a tablet": f"{ANDROID} Chrome/140.0.0.0 Safari/537.36",
    "Chrome, an old Android": (
        f"Mozilla/5.0 (Linux; Android 9; moto g(6) plus) {CHROMIUM} Chrome/96.0.4664.45 Mobile Safari/537.36"
    ),
    "Chrome, iPhone": f"{IPHONE} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1",
    "Firefox, Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Firefox, Mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Firefox ESR and Tor": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Firefox, Android": "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
    "Firefox, iPhone": f"{IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
    "Firefox Focus": f"{IPHONE} FxiOS/8.1 Mobile/15E148 Version/18.6",
    "Safari, Mac": f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Safari, iPhone": f"{IPHONE} Version/18.6 Mobile/15E148 Safari/604.1",
    "Safari, iPad": (
        "Mozilla/5.0 (iPad; CPU OS 16_7_10 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/16.6 Mobile/15E148 Safari/604.1"
    ),
    "Edge, Windows": f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Edge, Android": f"{ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0",
    "Edge, iPhone": f"{IPHONE} Version/18.0 EdgiOS/142.0.3595.66 Mobile/15E148 Safari/604.1",
    "Edge, Xbox": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) "
        f"{CHROMIUM} Chrome/127.0.0.0 Safari/537.36 Edge/44.18363.8131"
    ),
    "Internet Explorer 11": "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Internet Explorer 10": "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Opera": f"{WINDOWS} Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
    "Opera GX": f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0 (Edition GX)",
    "Opera, Android": f"{ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36 OPR/92.0.0.0",
    "Opera Mini": "Opera/9.80 (Android; Opera Mini/87.0/191.340; U; uk) Presto/2.12.423 Version/12.16",
    "Vivaldi": f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.7.3851.52",
    "Yandex": f"{WINDOWS} Chrome/140.0.0.0 YaBrowser/25.10.0.0 Safari/537.36",
    "Yandex, Android": f"{ANDROID} Chrome/138.0.7204.967 YaBrowser/25.8.7.67.00 SA/3 Mobile Safari/537.36",
    "Samsung": f"{ANDROID} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mi": (
        "Mozilla/5.0 (Linux; U; Android 14; uk-ua; 23053RN02Y Build/UP1A.230905.011) "
        f"{CHROMIUM} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.30.1-gn"
    ),
    "Huawei": (
        f"Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-NX9; HMSCore 6.14.0.302) {CHROMIUM} "
        "Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36"
    ),
    "Vivo": f"{webview('V2318 Build/AP3A.240905.015.A2')} VivoBrowser/27.2.2.0",
    "Oppo": (
        f"Mozilla/5.0 (Linux; U; Android 15; uk-ua; CPH2609 Build/AP3A.240617.008) {CHROMIUM} "
        "Version/4.0 Chrome/130.0.6723.103 Mobile Safari/537.36 HeyTapBrowser/45.13.2.1"
    ),
    "UC": (
        f"Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3085 Build/TP1A.220905.001) {CHROMIUM} "
        "Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.8.0.1326 Mobile Safari/537.36"
    ),
    "UC, a simple telephone": "UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.2; en-US; C6903) U2/1.0.0 UCBrowser/10.7.9.856 Mobile",
    "Sogou": f"{WINDOWS} Chrome/116.0.5845.97 Safari/537.36 SE 2.X MetaSr 1.0",
    "Sogou, Android": f"{ANDROID} Chrome/100.0.4896.127 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/6.20.6",
    "QQ": f"{WINDOWS} Chrome/123.0.6312.124 Safari/537.36 QQBrowser/20.0.6503.400",
    "Whale": f"{WINDOWS} Chrome/140.0.0.0 Whale/4.34.340.19 Safari/537.36",
    "Coc Coc": f"{WINDOWS} coc_coc_browser/142.0.148 Chrome/136.0.0.0 Safari/537.36",
    "DuckDuckGo, iPhone": f"{IPHONE} Version/18.6 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    "DuckDuckGo, Mac": f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15 Ddg/18.6",
    "Brave, iPhone": f"{IPHONE} Version/18.6 Brave/1 Mobile/15E148 Safari/604.1",
    "Silk": (
        f"Mozilla/5.0 (Linux; Android 11; KFTRWI) {CHROMIUM} "
        "Silk/140.4.4 like Chrome/140.0.7339.207 Safari/537.36"
    ),
    "SeaMonkey": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0 SeaMonkey/2.53.21"
    ),
    "Pale Moon": (
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Goanna/6.8 Firefox/128.0 PaleMoon/33.9.0"
    ),
    "GNOME Web": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
        "Safari/605.1.15 Epiphany/605.1.15"
    ),
    "Konqueror": "Mozilla/5.0 (compatible; Konqueror/4.14; Linux) KHTML/4.14.38 (like Gecko)",
    "Falkon": f"Mozilla/5.0 (X11; Linux x86_64) {CHROMIUM} QtWebEngine/6.8.2 Chrome/122.0.6261.171 Safari/537.36",
    "KaiOS": "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
    "a Samsung television": (
        "Mozilla/5.0 (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36 (KHTML, like Gecko) "
        "108.0.5359.1/8.0 TV Safari/537.36"
    ),
    "an LG television": f"Mozilla/5.0 (Web0S; Linux/SmartTV) {CHROMIUM} Chrome/120.0.6099.269 Safari/537.36 WebAppManager",
    "PlayStation": (
        "Mozilla/5.0 (PlayStation; PlayStation 5/10.60) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.4 Safari/605.1.15"
    ),
    "Dillo, without JavaScript": "Dillo/3.2.0",
    "NetSurf": "NetSurf/3.11 (Linux)",
    "Links with pictures": "Links (2.30; Linux 6.1.0-40-amd64 x86_64; GNU C 12.2; x)",
    "inside Facebook, Android": (
        f"{webview('SM-A546B Build/AP3A.240905.015.A2')} "
        "[FB_IAB/FB4A;FBAV/537.0.0.46.108;IABMV/1;FBDV/HTC Butterfly;]"
    ),
    "inside Facebook, iPhone": (
        f"{IPHONE} Mobile/22G86 [FBAN/FBIOS;FBAV/537.0.0.41.110;FBBV/813;FBDV/iPhone15,4;FBMD/iPhone;"
        "FBSN/iOS;FBSV/18.6;FBSS/3;FBCR/;FBID/phone;FBLC/uk_UA;FBOP/80]"
    ),
    "inside Facebook, a new name": f"{webview('Pixel 10 Build/BP3A.250905.014')} MetaIAB Facebook",
    "inside Instagram": (
        f"{webview('CPH2557 Build/AP3A.240617.008')} Instagram 406.0.0.58.159 Android "
        "(35/15; 480dpi; 1080x2400; OPPO; CPH2557; OP573DL1; mt6833; uk_UA; 822918295; IABMV/1) NV/1"
    ),
    "inside Telegram": f"{webview('SM-S918B Build/AP3A.240905.015.A2')} Telegram-Android/12.1.1",
    "inside Viber": f"{webview('2201117TY Build/TKQ1.221114.001')} Viber/26.1.2.0",
    "inside TikTok": f"{webview('RMX3890 Build/UKQ1.230924.001')} trill_420205 JsSdk/1.0 NetType/WIFI BytedanceWebview/d8a21c6",
    "inside Line": f"{IPHONE} Mobile/15E148 Safari Line/15.17.0",
    "inside LinkedIn": f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.31.5514",
    "inside Pinterest": f"{IPHONE} Mobile/15E148 [Pinterest/iOS]",
    "inside X": f"{IPHONE} Mobile/15E148 Twitter for iPhone/11.35",
    "inside WeChat": f"{webview('V2309A Build/UP1A.231005.007')} XWEB/1380 MMWEBSDK/2025 MicroMessenger/8.0.63.2920",
    "inside Google": f"{IPHONE} GSA/391.0.825551041 Mobile/15E148 Safari/604.1",
    "inside upday": f"{webview('SM-G991B Build/UP1A.231005.007')} upday/7.6.1",
    "a telephone of the maker Cubot": webview("CUBOT X30 Build/QP1A.190711.020"),
    "a telephone of the model Butterfly": webview("HTC Butterfly s Build/LRX22G"),
    "a telephone of the model Sonic": f"Mozilla/5.0 (Linux; Android 9; Sonic 1) {CHROMIUM} Chrome/96.0 Mobile Safari/537.36",
}  # fmt: skip

ROBOTS = {
    "": "nameless",
    "   ": "nameless",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "googlebot",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)": "bingbot",
    f"{ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36 (compatible; Bytespider)": "bytespider",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)": "ahrefsbot",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)": "facebookexternalhit",
    f"Mozilla/5.0 {CHROMIUM}; compatible; GPTBot/1.3; +https://openai.com/gptbot": "gptbot",
    f"Mozilla/5.0 {CHROMIUM}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com": "claudebot",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)": "spider",
    "WhatsApp/2.23.20.0 A": "no-browser",
    "Viber/13.2.0": "no-browser",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)": "web-address",
    "Mozilla/5.0 (compatible; inoreader.com; 1 subscribers)": "compatible",
    f"Mozilla/5.0 (X11; Linux x86_64) {CHROMIUM} HeadlessChrome/142.0.0.0 Safari/537.36": "headlesschrome",
    f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Playwright/1.40.0": "playwright",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1": "phantomjs",
    f"Mozilla/5.0 (X11; Linux x86_64) {CHROMIUM} HeadlessEdg/120.0": "headless",
    "curl/8.14.1": "curl",
    "Wget/1.25.0": "wget",
    "python-requests/2.32.5": "python-requests",
    "Python-urllib/3.13": "python-urllib",
    "Python/3.13 aiohttp/3.12.15": "aiohttp",
    "python-httpx/0.28.1": "httpx",
    "Go-http-client/2.0": "go-http-client",
    "Java/21.0.8": "no-browser",
    "okhttp/5.1.0": "okhttp",
    "Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A)": "no-browser",
    "node": "no-browser",
    "undici": "no-browser",
    "axios/1.12.2": "axios",
    "Scrapy/2.13.3 (+https://scrapy.org)": "scrapy",
    "Mozilla/5.0 (compatible; Nobody-Heard-Of-It/0.1)": "compatible",
    "Mozilla/5.0 (X11; Linux) NewsFetch (see https://news.example/about)": "web-address",
    "examplebot": "bot",
    "a": "no-browser",
}  # fmt: skip


@pytest.mark.parametrize("browser", BROWSERS.values(), ids=BROWSERS)
def test_people_are_no_robots(browser):
    assert find_robot(browser) == ""


@pytest.mark.parametrize(("name", "rule"), ROBOTS.items())
def test_robots_are_known_by_a_rule(name, rule):
    assert find_robot(name) == rule


def listed():
    path = Path(find_spec("crawleruseragents").origin).with_name("crawler-user-agents.json")
    return json.loads(path.read_text("utf-8"))


def test_every_example_of_the_list_is_a_robot_but_for_programs_in_which_people_read():
    people = {
        robot["pattern"]
        for robot in listed()
        for example in robot.get("instances", ())
        if not find_robot(example)
    }
    assert people <= robots._PEOPLE_TOO


def test_what_is_left_out_of_the_list_is_still_on_it():
    """A pattern that was changed or has gone would be left out no more, or for nothing."""
    assert {robot["pattern"] for robot in listed()} >= robots._PEOPLE_TOO


def test_every_rule_has_a_short_plain_name():
    names = [*robots._PLAIN.values(), *(name for _, name in robots._OTHERS)]
    assert len(names) > 1400
    assert all(name and len(name) <= 60 for name in names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)


known = {
    *robots._PLAIN.values(), *(name for _, name in robots._OTHERS), *robots._MARKS,
    *robots._SIGNS.values(), robots.NAMELESS, robots.NO_BROWSER, "",
}  # fmt: skip


@given(st.text() | st.sampled_from(sorted(BROWSERS.values())).flatmap(
    lambda name: st.text(min_size=1).map(lambda more: f"{name} {more}")
))  # fmt: skip
@example("Spider of Anna, at 203.0.113.7, by spider.com")
@example("ContextualBot of Anna, at outcomes.net")
def test_a_rule_says_nothing_of_the_name_but_what_is_on_a_list(name):
    assert find_robot(name) in known


def test_names_without_end_are_cut_and_few_are_remembered():
    for number in range(robots.MAX_REMEMBERED + 10):
        find_robot(f"Mozilla/5.0 {number}".ljust(20))
    found = robots._find_robot.cache_info()
    assert found.currsize <= robots.MAX_REMEMBERED
    end = "x" * 100_000
    assert find_robot("Mozilla/5.0 " + end + " Googlebot/2.1") == ""
    assert find_robot("Mozilla/5.0 Googlebot/2.1 " + end) == "googlebot"
