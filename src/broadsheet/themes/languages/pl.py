"""Polish: our own short lists, of the commonest words of news, and endings of names.

It reads no announced dates yet.
"""

from .base import Language, compounds_of, shares_of, word_list
from .starter import commonest_words

_STOP_WORDS = """
a aby albo ale ależ ani aż bardzo bez bo bowiem był była było były będą będzie być chce chcą choć co coś czy czyli
dla do dość dotąd dziś dzisiaj dwa dwaj dwie dwóch gdy gdyby gdzie go i ich ile im inna inne innego innej inny innych
iż ja jak jako jakie jaki jaka jednak jednym jeden jedna jedno jego jej jemu jest jeszcze jeśli jeżeli już każda każdy
kiedy kilka kilku kto która które którego której który którym których którzy ku lecz lub ma mają miał miała mieli mieć
między mimo mnie może mogą można mu my na nad nadal nam nas nasz natomiast nawet nic nich nie niej nim nimi niż no o
obok od około on ona one oni ono oraz pan pani po pod podczas pomimo ponad ponieważ poza przed przede przez przy
również sam sama same są się sobie swoje swój swoja swoim swoich ta tak także tam te tego tej ten teraz też to tu tutaj
tych tylko tym trzy trzech u w we według wiele wielu więc więcej właśnie wszystkich wszystkie wszystko wśród wtedy
zaś za ze z że żeby
powiedział powiedziała powiedzieli dodał dodała stwierdził poinformował poinformowała przekazał podkreślił
poniedziałek wtorek środę środa czwartek piątek sobotę sobota niedzielę niedziela
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
"""

_OFTEN = """
rok roku lat lata czas ludzie osób osoby pierwszy pierwsza nowy nowa nowe dzień dni kraj państwo rząd prezydent minister
milion milionów tysięcy tysiąc procent miasto władze praca
"""
_SOMETIMES = """
agencja budżet centrum cena decyzja dom droga dyrektor dziecko europa firma fundusz godzina gospodarka grupa historia
ilość informacja instytut jakość kandydat kobieta komisja koniec kwestia lekarz lider miejsce mieszkaniec mieszkańcy
miesiąc mężczyzna nadzieja należy noc ochrona okres opinia organizacja parlament partia plan podatek policja polityka
połowa pomoc poseł powód początek północ premier problem proces program projekt prawo prokuratura przedstawiciel
przyszłość pytanie rada raport region reforma rodzina rozmowa rozwój rynek rzecznik samochód sąd senat sieć siła
sprawa spółka spotkanie stan stanowisko strona sytuacja system szef szkoła szpital świat świadek tydzień ulica umowa
urząd ustawa wartość wczoraj wiadomość wicepremier wiceprezes wieś władza wniosek wojna wojsko wojewoda wybory wynik
wypadek wzrost zachód zagrożenie zakład zdrowie zmiana związek życie żołnierz jutro trzeba
"""

#: Written with a capital, but the name of nobody and of no place.
_OFFICES = """
prezydent premier wicepremier minister ministra ministerstwo kanclerz król królowa książę księżna sejm senat parlament
poseł posłanka senator marszałek wojewoda burmistrz starosta sołtys rząd sąd sądu najwyższy trybunał konstytucyjny
prokurator prokuratura generał generalny pułkownik major kapitan porucznik sierżant admirał komendant dyrektor prezes
szef rzecznik rzeczniczka profesor doktor ksiądz biskup arcybiskup kardynał papież pan pani komisja komitet rada rady
partia uniwersytet politechnika instytut agencja biuro bank firma spółka grupa federacja stowarzyszenie fundacja
związek policja straż armia wojsko siły sił zbrojne zbrojnych narodowy narodowego krajowy krajowa państwowy miejski
międzynarodowy organizacja światowy światowa województwo powiat gmina miasto wieś ulica plac aleja republika królestwo
północ południe wschód zachód północny południowy wschodni zachodni puchar liga mistrzostwa igrzyska
poniedziałek wtorek środa czwartek piątek sobota niedziela rok boże narodzenie wielkanoc internet bóg ziemia
zdjęcie wideo pilne aktualizacja euro tv
"""

_COMPOUNDS = """
Stany Zjednoczone = USA, Unia Europejska = UE, Wielka Brytania, Nowa Zelandia, Nowy Jork, Nowe Delhi,
Bliski Wschód, Biały Dom, Czerwony Krzyż, Czarne Morze, Zachodni Brzeg
"""

_CASE_ENDINGS = """
iego iemu ego emu ich imi im ych ymi ym iej ej owie owi iem em ami iami ach iach ech om iom
ia ii ie ię ią io iu a ą e ę i o u y
"""
_ENDINGS = sorted(_CASE_ENDINGS.split(), key=lambda ending: (-len(ending), ending))
_FEWEST_LETTERS = 3
#: What a case makes of the last consonants: Niemcy – Niemczech, Duda – Dudzie, Ameryka – Ameryce.
_SOFTENED = (("cz", "k"), ("dz", "d"), ("dź", "d"), ("c", "k"), ("ń", "n"), ("ś", "s"), ("ź", "z"))
#: Vowels that leave where an ending comes: Marek – Marka, Niemiec – Niemcy.
_FLEETING = (("iec", "c"), ("ek", "k"), ("eł", "ł"))


def _name_key(word: str) -> str:
    """Strip the case ending and level what it changes: Kowalskiego → kowalsk, Dudzie → dud."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _FEWEST_LETTERS:
            word = word[: -len(ending)]
            break
    for shapes in (_FLEETING, _SOFTENED):
        for shape, put in shapes:
            if word.endswith(shape) and len(word) > len(shape) + 1:
                word = word[: -len(shape)] + put
                break
    word = word.replace("ó", "o")
    # Kraków – Krakowa, and Stany – Stanów.
    return word[:-2] if word.endswith("ow") and len(word) - 2 >= _FEWEST_LETTERS else word


POLISH = Language(
    code="pl",
    stop_words=word_list(_STOP_WORDS) | commonest_words("pl"),
    shares=shares_of(often=_OFTEN, sometimes=_SOMETIMES),
    offices=word_list(_OFFICES),
    name_key=_name_key,
    compounds=compounds_of(_COMPOUNDS, _name_key),
)
