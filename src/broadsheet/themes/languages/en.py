"""English: our own short lists, of the commonest words of news."""

import re

from .base import (
    DateWords,
    Language,
    any_of,
    compounds_of,
    cues_of,
    forms_of,
    shares_of,
    word_list,
)

_STOP_WORDS = """
a about above across after again against ago all almost along already also although always am among
an and another any anyone anything are aren't around as at away back be became because been before
behind being below between both but by came can can't cannot come comes could couldn't did didn't do
does doesn't doing don't down during each either else enough etc even ever every few for from further
get gets given goes going got had hadn't has hasn't have haven't having he he's her here hers herself
him himself his how however i i'm if in indeed instead into is isn't it it's its itself just last
later least less let like made make makes making many may maybe me might mine more most much must my
myself near nearly neither never next no nobody none nor not nothing now of off often on once one ones
only onto or other others our ours out over own per perhaps put quite rather really same say saying
says said see seen several shall she should shouldn't since so some something soon still such take
taken taking than that that's the their theirs them themselves then there these they this those
though through thus till to together told too took toward towards two under until up upon us use used
very via was wasn't way we well went were weren't what when where whether which while who whom whose
why will with within without won't would wouldn't yes yet you your yours
mr mrs ms dr amid according among monday tuesday wednesday thursday friday saturday sunday january
february march april june july august september october november december
"""

_OFTEN = """
year years new time people first government country state president day week month million percent
cent three four five national world public official officials report reported statement work part
city news number minister
"""
_SOMETIMES = """
added added according agency agreed announced asked authorities began billion board believe
case century chief child children city commission committee community company companies conference
continue council court cost days deal decision department director early economic economy education
election end europe european expected face family far federal few fire five force forces foreign
former found full future general good great group groups half hand head health held help high home
hospital hours house hundred important include including increase information international interview
issue issues job jobs key kilometres known large late law lead leader leaders leave left level life
line live local long major man market media meeting member members men military ministry minutes
money months morning move need night north office old open opposition order organisation
parliament party past pay person place plan plans point police policy political position possible power
press prime problem process programme project question reason region remain residents result
right rise road role rules run school second secretary security senior service services set show side
situation six small social south spokesman spokeswoman staff start started states street students
support system talks team ten third thousand thousands times today told tomorrow town train try turn
union united university village visit vote war want water west whole woman women words workers working
wrote yesterday young
"""

#: Written with a capital, but the name of nobody and of no place.
_OFFICES = """
president vice prime minister ministry ministers secretary state states department chancellor king
queen prince princess senator sen rep representative congressman congresswoman congress senate house
parliament government cabinet governor mayor judge justice court supreme general staff admiral colonel
captain major lieutenant sergeant officer chief chairman chairwoman chair chairperson director
executive ceo cfo head leader spokesman spokeswoman professor doctor dr sir lady lord mr mrs ms
foreign defense defence interior finance health education commerce trade energy treasury economy
environment transport agriculture labor labour culture attorney commission commissioner committee
council union party university institute agency office bureau bank company group association
federation police army navy air force forces armed national international federal city county district
region province republic kingdom north south east west northern southern eastern western central
new year christmas easter monday tuesday wednesday thursday friday saturday sunday january february
march april may june july august september october november december
ai gdp tv it ceo id uk-based photo video exclusive live update breaking news press conference i
inc ltd co jr st day week month spring summer autumn winter game games cup league team minister's
euro euros dollar dollars internet god earth
world organization organizations organisation organisations center centers centre centres assembly
speaker constitution administration authority democratic democrats republican republicans
"""

_COMPOUNDS = """
United States = US, United Kingdom = UK, United Nations = UN, European Union = EU,
New Zealand, New York, New Jersey, New Mexico, New Hampshire, New Orleans, New England, New Delhi,
New Guinea, New Caledonia, North Korea, South Korea, South Africa, South Sudan, South Ossetia,
North Macedonia, North Carolina, South Carolina, North Dakota, South Dakota, West Virginia,
West Bank, West Indies, East Timor, East Jerusalem, Northern Ireland, Northern Cyprus,
Western Australia, Western Sahara, White House, Red Cross, Security Council, Middle East
"""

_MONTH_NAMES = """
January February March April May June July August September October November December
"""
_DAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_MONTHS = {name.casefold(): number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_WEEKDAYS = {name.casefold(): number for number, name in enumerate(_DAY_NAMES.split())}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn fall": (9, 11), "winter": (12, 2)}
_COUNTED = "one two three four five six seven eight nine ten eleven twelve"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_WHICH = {"this": 0, "next": 1, "last": -1}
_UNITS = {
    "day days": "day",
    "week weeks": "week",
    "weekend": "weekend",
    "month months": "month",
    "year years": "year",
}

# "May" and "March" are verbs too: a month or a weekday is written with a capital.
_NAME = rf"(?:(?:{any_of(_MONTH_NAMES.split())})\b|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_MONTH = rf"(?P<month>{_NAME})"
_DAY_NAME = any_of(_DAY_NAMES.split())
_WEEKDAY = rf"(?P<weekday>{_DAY_NAME})\b(?!['’]s)"
_FOUR_DIGITS = r"(?:1[5-9]|20)\d\d\b(?![.,]\d)"
_YEAR = rf"(?P<year>{_FOUR_DIGITS}|(?i:this|next|last)\s+year\b(?!['’]s))"
_OF_YEAR = rf"(?:,?\s+(?:of\s+)?{_YEAR})?"
_NUMBER = r"(?:[12]\d|3[01]|0?[1-9])"
_TH = r"(?:st|nd|rd|th)?"
_TO = r"\s*(?:\b(?:to|until|till|through|and|or)\b|[-–—])\s*(?:the\s+)?"
_DAY = rf"(?P<day>{_NUMBER}){_TH}"
_DAY_MONTH = rf"(?:(?P<other_day>{_NUMBER}){_TH}{_TO})?{_DAY}\s+(?:of\s+)?{_MONTH}{_OF_YEAR}"
_MONTH_DAY = rf"{_MONTH}\s+{_DAY}(?:{_TO}(?P<last_day>{_NUMBER}){_TH}\b(?!\s+[A-Z]))?{_OF_YEAR}"
_BEFORE_DAY = rf"(?:(?:{_DAY_NAME}),?\s+)?(?:the\s+)?"
_FOR = r"(?:(?P<is_for>for)\s+)?"
# "May 12 people" and "12 March residents" are no dates: no noun stands behind one.
_NO_NOUN = (
    r"(?!\w)(?=\s*(?:$|[^\w\s])|\s+(?:[A-Z\d]|(?:a|after|an|and|are|as|at|because|before|but|by|during|for|from"
    r"|has|have|he|in|inside|is|it|near|of|on|or|she|so|that|the|they|this|through|to|until|was|we|were|when"
    r"|where|which|while|who|will|with|would)\b))"
)
# Months that people are called too are none before a name.
_NO_NAME = r"(?!['’]s)" + "".join(
    rf"(?!(?<={name})\s+[A-Z][a-z])" for name in ("April", "May", "June", "August")
)
_PART = r"(?:(?:early|late|mid)[\s-]+|(?:the\s+)?(?:end|close|middle|beginning|start|half|week|days|rest)\s+of\s+)"  # fmt: skip
_IN = r"(?i:in|from|by|until|till|before|since|during|through|between|(?:earlier|later)\s+than)"
_COUNT = rf"(?:(?P<count>\d{{1,3}}|{any_of(_COUNTED.split())})|(?P<is_one>an?))"
_UNIT = rf"(?P<unit>{any_of(forms_of(_UNITS))})\b"
# "The first in ten years" counts back.
_NOT_BACK = r"(?<!st )(?<!time )(?<!second )(?<!third )(?<!only )"
_NO_MEASURE = r"(?!\s*[-–/]\s*\d|\s+(?:people|men|women|feet|miles|metres|meters|kilometres|dollars|euros|pounds|seats|jobs|homes)\b)"  # fmt: skip

_DATE_PATTERNS = (
    rf"\b(?i:on|from|by|until|till|before|after|since|through|between)\s+{_BEFORE_DAY}{_DAY_MONTH}(?!\w)",
    rf"(?<![\d.,:–-])\b{_FOR}{_BEFORE_DAY}{_DAY_MONTH}{_NO_NOUN}",
    rf"\b{_FOR}{_BEFORE_DAY}{_MONTH_DAY}{_NO_NOUN}",
    rf"\b(?P<nth>{any_of(_ORDINALS)})\s+{_WEEKDAY}\s+(?:of|in)\s+{_MONTH}{_OF_YEAR}",
    rf"\b(?P<past>(?i:last|every|each|previous|back\s+in|earlier\s+in)\s+(?:{_NAME}|{_FOUR_DIGITS})|(?i:earlier)\s+this\s+\w+|(?:(?i:every|each|one|a)|Black|Good)\s+(?:{_DAY_NAME})\b)",
    (
        rf"\b(?:(?:(?P<is_for>for)|{_IN}|(?<!compared )to)\s+{_PART}?|{_PART}){_MONTH}{_NO_NAME}"
        rf"(?:{_TO}(?P<other_month>{_NAME}){_NO_NAME})?{_OF_YEAR}(?!\w|\s+\d)"
    ),
    rf"\b{_MONTH}\s+(?:of\s+)?{_YEAR}",
    rf"\b{_FOR}{_WEEKDAY}\s+(?:of\s+)?(?P<which>this|next|last)\s+(?:week)\b",
    rf"\b{_FOR}(?:(?P<which>(?i:this|next|last))\s+)?{_WEEKDAY}",
    r"\b(?P<offset>(?i:the\s+day\s+after\s+tomorrow|tomorrow))\b(?!['’]s)",
    rf"{_NOT_BACK}\b(?i:in)\s+{_COUNT}\s+{_UNIT}",
    rf"\b(?i:{_COUNT})\s+{_UNIT}\s+(?P<ago>ago)\b",
    r"\b(?P<which>(?i:this|next|last))\s+(?P<unit>week|weekend|month)\b(?!['’]s)",
    r"\b(?:end|middle|beginning|start|close|rest)\s+of\s+the\s+(?P<unit>week|month|year)\b",
    rf"\b{_IN}\s+the\s+(?P<quarter>first|second|third|fourth)\s+quarter\b{_OF_YEAR}",
    rf"\b(?:{_IN}|(?i:this))\s+(?:the\s+)?(?:(?:early|late)\s+)?(?P<season>{any_of(forms_of(_SEASONS))})\b{_OF_YEAR}",
    rf"\b(?:(?:(?P<is_for>for)|{_IN})\s+{_PART}?|{_PART})(?:the\s+\w+\s+half\s+of\s+)?(?P<year>{_FOUR_DIGITS}){_NO_MEASURE}",
    r"\b(?P<year>(?i:this|next|last)\s+year)\b(?!['’]s)",
)

# A participle is past, but not in "will be closed" and not before its noun, "the planned vote".
_ADJOINING = """
be been being is are and or a an the its their his her our of not newly fully stay stays remain remains
"""
_NOT_AFTER = "".join(rf"(?<!\b{word} )" for word in _ADJOINING.split())
_PAST_FORMS = """
began became bought brought built came caught chose did died dealt drew drove fell felt fled flew found fought gave
got grew heard held kept knew laid led left lost made meant met paid ran rose sank sat saw sent shook sought
shot sold spent spoke stood stole struck swept taken taught thought threw took tore went woke won wore written
"""
_PAST = rf"(?-i:{_NOT_AFTER}\b(?:[a-z]+[^\W\d_e]ed|{any_of(_PAST_FORMS.split())})\b(?<!\bhundred))"

_NO_NOUN_BEFORE = (
    r"(?<!\bthe )(?<!\ba )(?<!\bof )(?<!\btheir )(?<!\bhis )(?<!\bher )(?<!\bits )(?<!\d )"
)
_UNTIL = r"\b[^.;:]{0,50}?\b(?:before|until|till|(?:earlier|later)\s+than)"
# "Postponed from May to June", but "postponed on Monday".
_TO_ANOTHER = r"\s+(?:from\s+\w+(?:\s+\w+){0,2}\s+)?(?:to|until|till|by)"
_DELAYED = r"(?:delayed|deferred|rescheduled|adjourned|put\s+off|pushed\s+back|brought\s+forward)"
_DATE_BEGINS = rf"(?=\s+(?:the\s+)?(?:\d|(?:next|early|late|mid)\b|{_NAME}|{_DAY_NAME}))"

_CUES = cues_of(
    (
        "ahead",
        rf"(?:(?:will|would|is|are)\s+)?(?:not|won['’]t|no){_UNTIL}",
        r"(?:will\s+not|won['’]t)\s+(?:run|operate|work|be\s+(?:open|available|running))",
    ),
    (
        "denied",
        r"(?:will|shall|would|do|does)\s+(?:not|never|no\s+longer|be\s+no)|won['’]t|do(?:es)?n['’]t",
        r"(?:is|are)\s+not\s+(?:to|due|set|expected|planned|scheduled|going)",
    ),
    (
        "doubt",
        r"whether|unclear|not\s+clear|(?:nobody|no\s+one)\s+knows|den(?:ies|ied|y)|no\s+plans?|ruled\s+out",
    ),
    (
        "past",
        r"had\s+(?:been\s+)?(?:\w+ed|due|set|to)",
        r"(?:was|were)\s+(?:to|due|supposed|expected|meant|(?:set|scheduled|planned)\s+to)",
    ),
    (
        "moved",
        rf"(?:postponed|extended|{_DELAYED}){_TO_ANOTHER}",
        rf"moved{_TO_ANOTHER}{_DATE_BEGINS}",
    ),
    (
        "decided",
        r"(?:(?:has|have)\s+)?(?:planned|intended|hoped|aimed|agreed|promised|vowed|pledged|decided|voted|proposed)\s+to(?!\s+(?:an?|the|this|that|its)\b)",
    ),
    (
        "ahead",
        _NO_NOUN_BEFORE
        + r"(?:plan|intend|expect|hope|aim|agree|promise|vow|pledge|vote|prepare|propose|need)s\s+to",
        # "They plan to", but "a bold plan to": a plural or a pronoun stands before the verb.
        (
            r"(?:(?<=s )|(?<=\bthey )|(?<=\bwe )|(?<=\bI )|(?<=\bwho )|(?<=\band ))"
            r"(?:plan|intend|expect|hope|aim|agree|promise|vow|pledge|vote|prepare|propose|need)\s+to"
        ),
        r"(?:has|have)\s+to|will|shall|must|should|is\s+going\s+to|(?:is|are)\s+preparing\s+to",
        r"(?:is|are)\s+(?:(?:also|now|still)\s+)?(?:to\s+[a-z]+|due|set|called|meant|poised|scheduled|planned)",
    ),
    (
        "planned",
        r"scheduled|planned|slated|timed|(?<!than )(?<!as )expected|due\s+(?:on|in|by|for|before)|set\s+(?:for|to)",
    ),
    ("called", r"(?:(?:has|have)\s+)?(?:called|fixed|arranged|convened|declared)"),
    ("reported", r"would(?!\s+have)"),
    ("unsure", r"would\s+have|could|might|(?-i:may)|threat\w+"),
    (
        "told",
        _NOT_AFTER
        + r"(?:(?:has|have)\s+)?(?:said|says|told|tells|announced|warned|reported|wrote|writes|added|confirmed|stated"
        + r"|promised|vowed|predicted|pledged)",
        r"according\s+to",
    ),
    ("past", r"was|were|had|did|(?:has|have)\s+been|since", _PAST),
    (
        "weak",
        r"until|till|deadline|takes?\s+(?:effect|place)|(?:comes?|go(?:es)?|enters?)\s+(?:into|to|on)",
        _NO_NOUN_BEFORE
        + r"(?:begins|starts|opens|ends|closes|expires|returns|resumes|reopens|runs|votes|meets|plays|kicks\s+off"
        + r"|hosts|visits|moves|faces|travels|arrives|leaves|airs|premieres|launches|holds|celebrates)",
        r"(?<=s )(?:begin|start|open|end|close|expire|return|resume|reopen|run|vote|meet|play|move)",
    ),
)

_DATES = DateWords(
    months=_MONTHS,
    weekdays=_WEEKDAYS,
    seasons=forms_of(_SEASONS),
    numbers={word: number for number, word in enumerate(_COUNTED.split(), 1)} | _ORDINALS,
    which=_WHICH,
    years={f"{word} year": number for word, number in _WHICH.items()},
    days={"tomorrow": 1, "the day after tomorrow": 2},
    units=forms_of(_UNITS),
    patterns=tuple(re.compile(pattern) for pattern in _DATE_PATTERNS),
    cues=_CUES,
    other_words=frozenset({"quarter"}),
    clause_end=re.compile(r";|,\s+and\s|,?\s+(?:but|while)\s"),
    vetoing=re.compile(
        r"\b(?:if|unless|provided\s+that|cancel\w*|called\s+off|scrapped|abandoned|rumou?rs?)\b|^Had\b"
        rf"|\b(?:postponed|(?:was|were|been)\s+{_DELAYED})\b(?!{_TO_ANOTHER}\b)",
        re.IGNORECASE,
    ),
)


# Peoples and countries that no ending brings together.
_IRREGULAR = {
    "german": "germany", "british": "britain", "briton": "britain", "french": "france",
    "polish": "poland", "spanish": "spain", "dutch": "netherlands", "greek": "greece",
    "danish": "denmark", "swedish": "sweden", "turkish": "turkey", "irish": "ireland",
    "scottish": "scotland", "welsh": "wales", "swiss": "switzerland", "finnish": "finland",
    "afghan": "afghanistan", "norwegian": "norway", "hungarian": "hungary",
}  # fmt: skip
# Endings of peoples, and the letters that have to stand before them: "Roman" stays "Roman".
_PEOPLES = (("ese", ""), ("ian", "ia"), ("an", ""))
_BEFORE_A_PEOPLE = 4
_FEWEST_LETTERS = 3


def _name_key(word: str) -> str:
    """Bring a country and its people together: Japan, Japanese; Ukraine, Ukrainians."""
    if len(word) > _BEFORE_A_PEOPLE and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    word = _IRREGULAR.get(word, word)
    for ending, put in _PEOPLES:
        if word.endswith(ending) and len(word) >= len(ending) + _BEFORE_A_PEOPLE:
            word = word[: -len(ending)] + put
            break
    bare = word.rstrip("aeioy")
    return bare if len(bare) >= _FEWEST_LETTERS else word


ENGLISH = Language(
    code="en",
    stop_words=word_list(_STOP_WORDS),
    shares=shares_of(often=_OFTEN, sometimes=_SOMETIMES),
    offices=word_list(_OFFICES),
    name_key=_name_key,
    compounds=compounds_of(_COMPOUNDS, _name_key),
    dates=_DATES,
)
