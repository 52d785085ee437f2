"""Names in English, Ukrainian and Polish texts: what is one, what is none, and which are the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.themes.languages import language_of
from broadsheet.themes.names import (
    find_names,
    form_to_show,
    is_person,
    likeness,
    name_of_person,
)
from broadsheet.themes.reading import pack_names, unpack_names

EN, UK, PL = language_of("en"), language_of("uk"), language_of("pl")


def sure(headline, text="", language=EN):
    return {name.forms[0] for name in find_names(headline, text, language) if name.is_sure}


def the_name(text, language):
    (name,) = [name for name in find_names("", text, language) if name.is_sure]
    return name


def keys(word, language):
    return language.key_of(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Talks with Sanae Takaichi ended at noon.", {"Sanae Takaichi"}),
        ("Talks with Sanae Takaichi's office ended.", {"Sanae Takaichi"}),
        ("Talks in Japan's capital ended.", {"Japan"}),
        ("They met Prime Minister Sanae Takaichi there.", {"Sanae Takaichi"}),
        ("The losses were counted by the General Staff on Monday.", set()),
        ("The ships of NATO and the UN left.", {"NATO", "UN"}),
        ("Then the US agreed, and told us so.", {"US"}),
        ("They flew from New Zealand to South Sudan.", {"New Zealand", "South Sudan"}),
        ("They met Senators Ana Ruiz and Tom Bell.", {"Ana Ruiz", "Tom Bell"}),
        ("He spoke with Ursula von der Leyen again.", {"Ursula von der Leyen"}),
    ],
)
def test_english_names_inside_sentences(text, expected):
    assert sure("", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Tensions grew. Flights stood still.",
        "“Nothing works,” she said. – Nobody came.",
        "Rain fell: Streets filled.",
        "Hopes and Fears After the Vote\nThen it went on.",
        "Political Prospects\nThen it went on.",
    ],
)
def test_the_beginning_of_a_sentence_and_a_heading_in_capitals_prove_nothing(text):
    assert sure("", text) == set()


def test_a_headline_in_title_case_proves_nothing_by_itself():
    assert sure("Storm Leaves Thousands Without Power Across Region") == set()


def test_a_word_of_a_headline_in_title_case_is_a_name_where_the_text_proves_it():
    found = find_names("Takaichi Wins Vote by a Great Margin", "They cheered for Takaichi.", EN)
    (takaichi,) = [name for name in found if name.is_sure]
    assert takaichi.forms == ("Takaichi",)
    assert takaichi.weight == 1.5  # it stands in the headline


def test_a_surname_meets_the_full_name_that_it_follows():
    name = the_name("Then came Olena Bondar. People asked Bondar for more.", EN)
    assert name.forms == ("Olena Bondar",)
    assert name.goes_by_surname


def test_a_word_before_the_full_name_is_a_name_of_its_own():
    assert sure("", "They flew to Japan. The series is by Netflix Japan.") == {
        "Japan",
        "Netflix Japan",
    }


def test_a_city_is_not_the_president_of_that_name():
    city = the_name("They flew to Washington today.", EN)
    president = the_name("A statue of George Washington fell.", EN)
    assert likeness(city, president) == likeness(president, city) == 0.5
    assert not is_person(city, president)
    assert form_to_show(city, president) == form_to_show(president, city) == "Washington"


def test_an_office_before_a_full_name_shows_that_it_is_of_a_person():
    one = the_name("They met president Olena Bondar today.", EN)
    other = the_name("They asked Bondar again.", EN)
    assert likeness(one, other) == 1.0
    assert is_person(one, other)
    assert form_to_show(other, one) == "Olena Bondar"


def test_two_people_of_one_surname_are_two():
    one = the_name("They met Olena Bondar today.", EN)
    other = the_name("They met Ivan Bondar today.", EN)
    assert likeness(one, other) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Japan", "Japanese"),
        ("Ukraine", "Ukrainians"),
        ("Germany", "German"),
        ("Britain", "British"),
        ("Korea", "Korean"),
        ("Mexico", "Mexican"),
        ("Iraq", "Iraqi"),
    ],
)
def test_a_country_and_its_people_are_one_name_in_english(one, other):
    assert keys(one, EN) == keys(other, EN)


@pytest.mark.parametrize(("one", "other"), [("Iran", "Iraq"), ("Austria", "Australia")])
def test_different_countries_are_different_names(one, other):
    assert keys(one, EN) != keys(other, EN)


def test_long_and_short_names_of_states_are_one():
    long = the_name("They flew to the United States today.", EN)
    short = the_name("They flew to the US today.", EN)
    assert likeness(long, short) == 1.0


@pytest.mark.parametrize(
    "forms",
    [
        ("Такаїчі", "Такаїчі"),
        ("Зеленський", "Зеленського", "Зеленському", "Зеленським"),
        ("Київ", "Києва", "Києву", "Києві", "Києвом"),
        ("Японія", "Японії", "Японію", "Японією"),
        ("Україна", "України", "Україні", "Україну", "Україною"),
        ("Бондар", "Бондаря", "Бондарю", "Бондарем"),
        ("Коваленко", "Коваленка", "Коваленку", "Коваленком"),
        ("Харків", "Харкова", "Харкову", "Харкові"),
        ("Дар'я", "Дар’ї", "Дар'ю"),
    ],
)
def test_the_cases_of_a_ukrainian_name_are_one_name(forms):
    assert len({keys(form, UK) for form in forms}) == 1


def test_a_ukrainian_surname_meets_the_full_name_in_another_case():
    one = the_name("Учора обрали Санае Такаїчі, і Такаїчі виступила.", UK)
    other = the_name("Партія вітала Такаїчі з перемогою.", UK)
    assert likeness(one, other) == 1.0
    assert form_to_show(one, other) == "Санае Такаїчі"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Про це повідомив Генеральний штаб у зведенні.", set()),
        ("Учора Прем'єр-міністр Марко Рубіо приїхав.", {"Марко Рубіо"}),
        ("Учора з Президентом Оленою Бондар говорили.", {"Оленою Бондар"}),
        ("Кораблі НАТО та ООН вийшли.", {"НАТО", "ООН"}),
        ("Він полетів до Нової Зеландії вночі.", {"Нової Зеландії"}),
        ("Допомога Сполучених Штатів надійшла.", {"Сполучених Штатів"}),
    ],
)
def test_ukrainian_names_inside_sentences(text, expected):
    assert sure("", text, UK) == expected


@pytest.mark.parametrize(
    "forms",
    [
        "Kowalski Kowalskiego Kowalskiemu Kowalskim Kowalska Kowalskiej Kowalską Kowalscy",
        "Duda Dudy Dudzie Dudę Dudą",
        "Warszawa Warszawy Warszawie Warszawę Warszawą",
        "Tusk Tuska Tuskowi Tuskiem Tusku",
        "Polska Polski Polsce Polskę Polską",
        "Kraków Krakowa Krakowowi Krakowem Krakowie",
        "Niemcy Niemiec Niemcom Niemcami Niemczech",
        "Rosja Rosji Rosję Rosją",
        "Japonia Japonii Japonię Japonią",
        "Marek Marka Markowi Markiem Marku",
        "Gdańsk Gdańska Gdańskowi Gdańskiem Gdańsku",
        "Łódź Łodzi Łodzią",
    ],
)
def test_the_cases_of_a_polish_name_are_one_name(forms):
    assert len({PL.key_of(form) for form in forms.split()}) == 1


def test_polish_places_and_people_are_told_apart():
    names = "Tusk Duda Nowak Kowalski Polska Warszawa Kraków Niemcy Rosja Japonia Litwa Łotwa Praga"
    assert len({PL.key_of(name) for name in names.split()}) == 13


def test_polish_names_inside_sentences():
    text = (
        "Premier Donald Tusk przyjechał do Warszawy. W Warszawie przyjął Tuska prezydent, a w Unii"
        " Europejskiej i w Stanach Zjednoczonych o tym wiedziano."
    )
    found = {name.key: name.forms for name in find_names("", text, PL) if name.is_sure}
    assert found.keys() == {"tusk", "warszaw", "UE", "USA"}
    assert found["tusk"] == ("Donald Tusk",)


def test_a_middle_initial_parts_no_name():
    text = "He met William S. Mohr of Tarn. Mohr said so. Then came Malcolm X. Bells rang."
    assert {"William Mohr", "Tarn"} <= sure("", text)
    assert "William S" not in sure("", text)


def test_the_nominative_is_shown():
    one = the_name("Вони чекали на Івана Коваленка вчора.", UK)
    other = the_name("Учора говорив Іван Коваленко про це.", UK)
    assert form_to_show(one, other) == "Іван Коваленко"


def test_offices_and_stop_words_are_met_with_and_without_apostrophes():
    assert UK.is_office("премєр")
    assert "dont" in EN.stop_words


def test_a_person_of_the_newsroom_is_met_by_the_surname():
    person = name_of_person("Sanae Takaichi", "en")
    name = the_name("They cheered for Takaichi.", EN)
    assert likeness(person, name) == 1.0
    assert name_of_person("", "en") is None


# --- any text ---------------------------------------------------------------

WORDS = st.sampled_from(
    (
        *[
            "Ada",
            "Bondar",
            "Kyiv’s",
            "US",
            "the",
            "New",
            "Zealand",
            "Zealand",
            "President",
            "at.",
            "“Ivan",
            "«Олена",
        ],
        *[
            "Дар'я",
            "Ткач",
            "у",
            "з",
            "–",
            "Прем'єр-міністр",
            "J.",
            "R.",
            "2026",
            "O’Neill's",
            "von",
            "der",
            "Leyen",
            "North",
        ],
        *("Korea's", "\n", ":", "!", "І"),
    )
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join))
LANGUAGES = st.sampled_from([EN, UK, language_of("pl")])


@settings(max_examples=60, deadline=None)
@given(headline=TEXTS, text=TEXTS, language=LANGUAGES)
def test_any_text_can_be_read(headline, text, language):
    names = find_names(headline, text, language)
    assert len(names) <= 40
    for name in names:
        assert name.keys
        assert name.forms
        assert all(name.keys)
    assert unpack_names(pack_names(names)) == names


@settings(max_examples=60, deadline=None)
@given(one=TEXTS, other=TEXTS, language=LANGUAGES)
def test_likeness_is_the_same_in_both_directions(one, other, language):
    for mine in find_names("", one, language):
        for theirs in find_names("", other, language):
            assert likeness(mine, theirs) == likeness(theirs, mine)
            if likeness(mine, theirs):
                assert form_to_show(mine, theirs) == form_to_show(theirs, mine)


def test_a_word_that_opens_a_headline_is_not_the_end_of_another_name():
    [sea] = [
        name
        for name in find_names("Sea cable fault leaves islands without internet", "", EN)
        if name.key == keys("Sea", EN)
    ]
    black_sea = the_name("Couples in a town on the Black Sea can marry at sunrise.", EN)
    assert not sea.is_sure
    assert likeness(sea, black_sea) == likeness(black_sea, sea) == 0.0


def test_a_surname_that_opens_a_headline_still_means_who_goes_by_it():
    [short] = [
        name for name in find_names("Tormis resigns", "", EN) if name.key == keys("Tormis", EN)
    ]
    full = the_name("The vote was lost by Prime Minister Lena Tormis on Monday.", EN)
    assert likeness(short, full) > 0
