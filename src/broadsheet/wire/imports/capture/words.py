"""The words that the grammar of a capture stands on, in English and in Ukrainian."""

import re
from typing import Literal

Listing = Literal["popular", "theme"]

#: The heading of a listing, in lower case → which one it is.
LISTINGS: dict[str, Listing] = {
    "popular": "popular",
    "popular news": "popular",
    "most read": "popular",
    "популярне": "popular",
    "популярні": "popular",
    "популярні новини": "popular",
    "найпопулярніше": "popular",
    "news by theme": "theme",
    "news by topic": "theme",
    "news on the topic": "theme",
    "новини за темою": "theme",
    "новини по темі": "theme",
    "новини на тему": "theme",
    "за темою": "theme",
    "по темі": "theme",
}

#: What shows that a line with a dash says who spoke.
SPEECH = re.compile(
    r"\b(?:"
    r"sa(?:id|ys)|stat(?:ed|es)|t(?:old|ells)|not(?:ed|es)|add(?:ed|s)|wr(?:ote|ites)|"
    r"emphasi[sz]e[sd]|stress(?:ed|es)|explain(?:ed|s)|announce[sd]|warn(?:ed|s)|claim(?:ed|s)|"
    r"argue[sd]|comment(?:ed|s)|remark(?:ed|s)|recall(?:ed|s)|conclude[sd]|admit(?:ted|s)|"
    r"assure[sd]|declare[sd]|report(?:ed|s)|point(?:ed|s) out|underline[sd]|urge[sd]|"
    r"зая(?:вив|вила|вили|вляє)|сказа(?:в|ла|ли)|каже|говорить|зазначи(?:в|ла|ли)|зазначає|"
    r"наголоси(?:в|ла|ли)|наголошує|дода(?:в|ла|ли)|додає|поясни(?:в|ла|ли)|пояснює|"
    r"підкресли(?:в|ла|ли)|підкреслює|розпові(?:в|ла|ли|дає)|написа(?:в|ла|ли)|пише|"
    r"повідоми(?:в|ла|ли)|повідомляє|прокоментува(?:в|ла|ли)|запевни(?:в|ла|ли)|"
    r"попереди(?:в|ла|ли)|попереджає|відзначи(?:в|ла|ли)|нагада(?:в|ла|ли)|визна(?:в|ла|ли)|"
    r"акцентува(?:в|ла|ли)|уточни(?:в|ла|ли)|констатува(?:в|ла|ли)|вважає|заклика(?:в|ла|ли)"
    r")\b",
    re.IGNORECASE,
)

#: A word of a role: "Defense Minister", "міністр оборони".
ROLE = re.compile(
    r"(?:prime-)?minister|president|premier|chancellor|secretary|senator|governor|mayor|"
    r"ambassador|general|admiral|colonel|major|commander|commissioner|chair(?:man|woman|person)?|"
    r"chief|head|director|deputy|leader|speaker|spokes(?:man|woman|person)|king|queen|prince|"
    r"princess|pope|judge|prosecutor|professor|doctor|analyst|economist|adviser|advisor|envoy|"
    r"founder|ceo|manager|coach|captain|minister-president|engineer|officer|official|scientist|"
    r"researcher|historian|lawyer|rector|bishop|"
    r"(?:прем['’ʼ]єр-)?міністр(?:ка|ерка)?|прем['’ʼ]єр(?:-міністр(?:ка)?)?|президент(?:ка)?|"
    r"канцлер(?:ка)?|секретар(?:ка)?|держсекретар(?:ка)?|сенатор(?:ка)?|губернатор(?:ка)?|"
    r"мер(?:ка)?|пос(?:ол|олка)|генерал|адмірал|полковник|майор|командувач(?:ка)?|"
    r"головнокомандувач|комісар(?:ка)?|єврокомісар(?:ка)?|голова|глава|очільни(?:к|ця)|"
    r"керівни(?:к|ця)|директор(?:ка)?|гендиректор(?:ка)?|заступни(?:к|ця)|лідер(?:ка)?|"
    r"спікер(?:ка)?|речни(?:к|ця)|король|королева|принц(?:еса)?|папа|судд?я|прокурор(?:ка)?|"
    r"генпрокурор(?:ка)?|професор(?:ка)?|аналіти(?:к|киня)|економіст(?:ка)?|радни(?:к|ця)|"
    r"засновни(?:к|ця)|тренер(?:ка)?|капітан(?:ка)?|депутат(?:ка)?|нардеп(?:ка)?|експерт(?:ка)?|"
    r"інженер(?:ка)?|науков(?:ець|иця)|історик(?:иня)?|адвокат(?:ка)?|ректор(?:ка)?|єпископ",
    re.IGNORECASE,
)
