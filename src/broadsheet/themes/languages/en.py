"""English: our own short lists, of the commonest words of news."""

import re

from .base import DateWords, Language, compounds_of, shares_of, word_list

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
"""

_COMPOUNDS = """
United States = US, United Kingdom = UK, United Nations = UN, European Union = EU,
New Zealand, New York, New Jersey, New Mexico, New Hampshire, New Orleans, New England, New Delhi,
New Guinea, New Caledonia, North Korea, South Korea, South Africa, South Sudan, South Ossetia,
North Macedonia, North Carolina, South Carolina, North Dakota, South Dakota, West Virginia,
West Bank, West Indies, East Timor, East Jerusalem, Northern Ireland, Northern Cyprus,
Western Australia, Western Sahara, White House, Red Cross, Security Council, Middle East
"""

_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_MONTHS |= {name[:3]: _MONTHS[name] for name in _MONTH_NAMES if name != "may"}
_MONTHS["sept"] = 9

# "May" and "March" are verbs too: a month is written with a capital.
_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_YEAR = r"(?P<year>20\d\d)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"

_DATES = DateWords(
    months=_MONTHS,
    day_patterns=(
        re.compile(
            rf"\b(?:on|for|from|by|until|till|before|to)\s+(?:\w+day,?\s+)?(?:the\s+)?{_DAY}"
            rf"(?:\s+of)?\s+{_MONTH}\b(?:,?\s+{_YEAR})?(?!\w)"
        ),
        re.compile(
            rf"\b(?:on|for|from|by|until|till|before|to)\s+(?:\w+day,?\s+)?{_MONTH}\s+{_DAY}\b"
            rf"(?!\s+(?:people|men|women|per|percent|million))(?:,?\s+{_YEAR})?(?!\w)"
        ),
        re.compile(rf"\b{_DAY}(?:\s+of)?\s+{_MONTH},?\s+{_YEAR}\b"),
        re.compile(rf"\b{_MONTH}\s+{_DAY},\s+{_YEAR}\b"),
    ),
    month_patterns=(
        re.compile(
            rf"\b(?:in|for|from|by|until|till|before)\s+(?:early\s+|late\s+|mid-)?{_MONTH}"
            rf"(?:\s+of)?,?\s+{_YEAR}\b"
        ),
        re.compile(
            rf"\b(?:in|for|from)\s+(?:early\s+|late\s+|mid-)?{_MONTH}(?!\s*\d|\w|\s+[A-Z][a-z])"
        ),
        re.compile(rf"\b{_MONTH}\s+{_YEAR}\b"),
    ),
    year_patterns=(re.compile(rf"\b(?:in|for|from)\s+{_YEAR}\b(?!\s*[-–/]\s*\d)"),),
    next_month=re.compile(r"\bnext month\b", re.IGNORECASE),
    next_year=re.compile(r"\bnext year\b(?!['’]s)", re.IGNORECASE),
    tomorrow=re.compile(r"\btomorrow\b(?!['’]s)", re.IGNORECASE),
    announcing=re.compile(
        r"""\b(?:will(?!\s+have\b)|won['’]t|shall
        |(?:is|are)\s+(?:also\s+|now\s+|still\s+)?(?:to\s+[a-z]+|due|set|scheduled|planned|slated|expected|called|meant)
        |scheduled|planned\s+for|slated\s+for|due\s+(?:on|in|to|by|for)|set\s+for|expected\s+(?:on|in|to)
        |(?:plan|plans|intend|intends|expect|expects|hope|hopes|aim|aims|promises|promised|agreed|vowed|pledged)\s+to
        |takes?\s+effect|(?:comes?|enters?)\s+into\s+force|begins?|starts?|opens?|expires?|ends?|closes?|kicks\s+off
        |postponed\s+(?:until|to)|moved\s+to|extended\s+(?:until|to)|called\s+for|announced\s+for)\b""",
        re.VERBOSE | re.IGNORECASE,
    ),
    not_announcing=re.compile(
        r"""\b(?:would\s+have|had\s+(?:been|planned|expected|hoped)|(?:was|were)\s+(?:to|due|supposed|expected|meant)
        |if|could|might|whether|unless|cancelled|canceled|called\s+off)\b""",
        re.VERBOSE | re.IGNORECASE,
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
