"""Polish."""

from .words import Passage, Words

WORDS = Words(
    code="pl",
    language="Polski",
    direction="ltr",
    card_time="d MMM y, HH:mm",
    full_time="d MMMM y, HH:mm (ZZZZ)",
    day="EEEE, d MMMM y",
    in_a_sentence="d MMMM y 'r'.",
    month="LLLL y 'r'.",
    year="y 'rok'",
    clock="HH:mm",
    comma=", ",
    semicolon="; ",
    alphabet="aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż",
    views={
        "one": "{n} wyświetlenie",
        "few": "{n} wyświetlenia",
        "many": "{n} wyświetleń",
        "other": "{n} wyświetlenia",
    },
    news_section="Wiadomości",
    skip_to_content="Przejdź do treści",
    front="Strona główna",
    latest="Najnowsze",
    popular="Najczęściej czytane",
    sections="Działy",
    editions="Języki",
    how_we_count="Jak liczymy wyświetlenia",
    read_here="Czytaj po polsku",
    times_are="Godziny podajemy w strefie czasowej {zone}.",
    by="Tekst:",
    published="Opublikowano",
    updated="Zaktualizowano",
    exclusive="Tylko u nas",
    photo="Zdjęcia",
    video="Wideo",
    contents="W tym artykule",
    reported_by={"one": "Źródło:", "few": "Źródła:", "many": "Źródła:", "other": "Źródła:"},
    relayed_by={"one": "podaje", "few": "podają", "many": "podają", "other": "podają"},
    original_report="oryginał",
    credit="Fot. {credit}",
    licence="Licencja: {licence}",
    tags="Tematy",
    corrections="Sprostowania",
    related="Czytaj także",
    gallery={
        "one": "Galeria: {n} zdjęcie",
        "few": "Galeria: {n} zdjęcia",
        "many": "Galeria: {n} zdjęć",
        "other": "Galeria: {n} zdjęcia",
    },
    table="Tabela",
    play_video="Odtwórz wideo",
    watch_video="Obejrzyj w serwisie {provider}",
    video_notice=(
        "Wideo pochodzi z serwisu {provider}. Dopóki go nie włączysz, nic się stamtąd nie wczytuje."
    ),
    translated_from="Tłumaczenie; język oryginału: {language}",
    theme="Więcej na ten temat",
    same_story="ten sam wątek",
    same_story_first="ten sam wątek: zacznij tutaj",
    also_about="w tekście także: {names}",
    earlier="wcześniej: {names}",
    timeline="Kalendarium",
    happened="Co się wydarzyło",
    announced="Co zapowiedziano",
    whole_story="Cały wątek",
    popular_hour="Najczęściej czytane w ostatniej godzinie",
    popular_day="Najczęściej czytane w ciągu ostatniej doby",
    popular_week="Najczęściej czytane w ciągu ostatnich 7 dni",
    popular_month="Najczęściej czytane w ciągu ostatnich 30 dni",
    popular_all="Najczęściej czytane od początku",
    popular_rising="Zyskują popularność",
    popular_newest="Najnowsze artykuły",
    newsroom_choice="Wybór redakcji",
    computed_at="Stan na {time}",
    all_of_section="Wszystko z działu „{section}”",
    tag="Temat",
    author="Autor",
    person="W wiadomościach",
    source="Źródło",
    articles_by_author="Wszystkie teksty. Autor: {name}",
    quotes_of_person="{name}: wypowiedzi, które opublikowaliśmy",
    articles_from_source="Artykuły, w których powołujemy się na źródło: {name}",
    visit_source="Przejdź do serwisu: {name}",
    latest_intro="Wszystko, co opublikowaliśmy, od najnowszych",
    popular_intro="Co czytelnicy otwierają najczęściej",
    popular_widened="W tym okresie przeczytano zbyt mało, dlatego pokazujemy dłuższy.",
    rising_intro=(
        "Artykuły, które w ostatniej godzinie są czytane znacznie częściej, niż można by się "
        "spodziewać po ich wieku i dotychczasowych wyświetleniach"
    ),
    nothing_rising="W tej chwili żaden artykuł nie jest czytany wyjątkowo często.",
    popular_windows="Okresy",
    popular_overview="Przegląd",
    window_hour="Ostatnia godzina",
    window_day="24 godziny",
    window_week="7 dni",
    window_month="30 dni",
    window_all="Od początku",
    window_rising="Zyskują popularność",
    section_intro="Wiadomości z działu „{name}”",
    more_news="Więcej wiadomości",
    older="Wcześniejsze",
    back_to_newest="Wróć do najnowszych",
    nothing_yet="Niczego tu jeszcze nie opublikowano.",
    story="Wątek",
    story_articles={
        "one": "{n} artykuł",
        "few": "{n} artykuły",
        "many": "{n} artykułów",
        "other": "{n} artykułu",
    },
    key_moment="Kluczowy moment",
    announced_past="Terminy, które już minęły",
    people_and_places="Ludzie i miejsca",
    readership="Zainteresowanie czytelników",
    readership_note="Wyświetlenia wszystkich artykułów z tego wątku, dzień po dniu (UTC)",
    most_on="Najwięcej {day}: {views}",
    day_by_day="Dzień po dniu",
    column_day="Dzień",
    column_views="Wyświetlenia",
    story_feed="Śledź ten wątek przez RSS",
    archive="Archiwum",
    archive_intro="Wszystko, co opublikowaliśmy, dzień po dniu",
    archive_months="Wszystkie miesiące",
    day_before="Poprzedni dzień",
    day_after="Następny dzień",
    month_before="Poprzedni miesiąc",
    month_after="Następny miesiąc",
    corrections_intro="W czym się pomyliliśmy i co poprawiliśmy. Ta sama nota stoi przy samym artykule.",
    loading="Wczytywanie…",
    loading_failed="Nie udało się. Prosimy spróbować ponownie.",
    search="Szukaj",
    search_intro="Szukaj artykułów według słów, działu, autora lub daty",
    search_field="Czego szukasz?",
    search_found={
        "one": "Znaleziono {n} artykuł",
        "few": "Znaleziono {n} artykuły",
        "many": "Znaleziono {n} artykułów",
        "other": "Znaleziono {n} artykułu",
    },
    search_more_than="Znaleziono ponad {n} artykułów",
    search_nothing="Nic nie znaleziono dla zapytania „{text}”.",
    search_nothing_at_all="Nic nie znaleziono.",
    search_hint="Spróbuj mniejszej liczby słów, innych słów lub usuń filtry.",
    search_instead="Tego, co wpisano, nie ma w żadnym artykule. Oto wyniki dla „{text}”.",
    search_busy="Właśnie szuka bardzo wiele osób. Prosimy spróbować za chwilę.",
    search_results="Wyniki",
    suggestions="Podpowiedzi",
    suggestions_found={
        "one": "{n} podpowiedź",
        "few": "{n} podpowiedzi",
        "many": "{n} podpowiedzi",
        "other": "{n} podpowiedzi",
    },
    filters="Filtry",
    without_filters="Usuń wszystkie filtry",
    section="Dział",
    any_section="Wszystkie działy",
    any_author="Dowolny autor",
    any_person="Ktokolwiek",
    quoted_person="Kogo zacytowano",
    published_since="Opublikowano od",
    published_until="Opublikowano do",
    sort_by="Sortuj według",
    by_relevance="Trafności",
    newest_first="Od najnowszych",
    old_article={
        "one": "Ten artykuł ma ponad rok",
        "few": "Ten artykuł ma ponad {n} lata",
        "many": "Ten artykuł ma ponad {n} lat",
        "other": "Ten artykuł ma ponad {n} roku",
    },
    share="Udostępnij",
    share_by_mail="E-mail",
    copy_link="Kopiuj odnośnik",
    link_copied="Odnośnik skopiowany",
    about="O nas",
    about_title="O {name}",
    about_intro="Co można znaleźć na tych stronach i jak czytać to, co stoi wokół artykułu.",
    about_passages=(
        Passage(
            "Wiadomości",
            (
                (
                    "Przy każdym artykule podajemy, kto go napisał, kiedy się ukazał, a jeśli "
                    "potem się zmienił – kiedy był ostatnio aktualizowany. Gdy opiera się na "
                    "doniesieniach innych, wymieniamy ich i podajemy odnośnik."
                ),
                (
                    "Artykuły o jednym wydarzeniu tworzą wątek, który ma własną stronę: co się "
                    "stało, dzień po dniu, i co zapowiedziano. Osoba, o której piszemy, ma stronę "
                    "ze wszystkimi swoimi wypowiedziami, które przytoczyliśmy."
                ),
            ),
        ),
        Passage(
            "Co gdzie stoi",
            (
                (
                    "O tym, co otwiera stronę główną, decydują redaktorzy. To, co najczęściej "
                    "czytane, wynika wyłącznie z wyborów czytelników w okresie podanym w nagłówku; "
                    "to, co umieściła tam redakcja, jest oznaczone jako jej wybór."
                ),
            ),
        ),
        Passage(
            "Prywatność",
            (
                (
                    "Nie używamy plików cookie i żadna inna firma nie dowiaduje się z tej witryny, "
                    "co Państwo czytają. Filmy z innych stron wczytują się dopiero po naciśnięciu "
                    "przycisku odtwarzania."
                ),
            ),
        ),
    ),
    ethics_title="Jak pracujemy",
    ethics_intro="Czego czytelnicy mogą od nas wymagać.",
    ethics=(
        Passage(
            "Rzetelność i źródła",
            (
                (
                    "Podajemy swoje źródła. To, co donieśli inni, przypisujemy im, a to, co wiemy "
                    "sami, oddzielamy od tego, co nam powiedziano."
                ),
                (
                    "Wypowiedź przytaczamy tak, jak padła, z nazwiskiem osoby, która ją wygłosiła. "
                    "Wypowiedź przetłumaczona jest naszym tłumaczeniem tych samych słów."
                ),
            ),
        ),
        Passage(
            "Błędy",
            (
                (
                    "Istotny błąd poprawiamy i przyznajemy się do niego: przy artykule, z podaniem "
                    "czasu, oraz w wykazie sprostowań. Faktów w opublikowanym artykule nie "
                    "zmieniamy po cichu."
                ),
                (
                    "Artykuł, który nie powinien był się ukazać, wycofujemy. Pod jego adresem stoi "
                    "wtedy informacja o tym i o przyczynie."
                ),
            ),
        ),
        Passage(
            "Decydują ludzie",
            (
                (
                    "Wszystko, co napisze lub przetłumaczy maszyna, czyta i zatwierdza "
                    "dziennikarz, zanim zobaczy to ktokolwiek inny."
                ),
            ),
        ),
        Passage(
            "Wiadomości a pieniądze",
            (
                (
                    "Nikt nie może zapłacić za to, by artykuł się ukazał, zmienił lub zniknął, ani "
                    "za jego miejsce na stronie."
                ),
            ),
        ),
    ),
    not_found_title="Nie ma takiej strony",
    not_found_text="W adresie może być błąd albo strona została usunięta.",
    gone_title="Ten artykuł został wycofany",
    gone_text="Ostatecznie wycofaliśmy ten artykuł. Wyjaśnienie redakcji:",
    server_error_title="Coś się zepsuło po naszej stronie",
    server_error_text="Nie udało się teraz przygotować tej strony. Spróbuj ponownie za minutę.",
    to_the_front="Na stronę główną",
    preview="Podgląd",
    minutes={
        "one": "{n} minuty",
        "few": "{n} minut",
        "many": "{n} minut",
        "other": "{n} minuty",
    },
    days={"one": "{n} dzień", "few": "{n} dni", "many": "{n} dni", "other": "{n} dnia"},
    articles={
        "one": "{n} artykuł",
        "few": "{n} artykuły",
        "many": "{n} artykułów",
        "other": "{n} artykułu",
    },
    counting_title="Jak liczymy wyświetlenia",
    counting_intro=(
        "Przy każdym artykule i przy każdym odsyłaczu do artykułu stoi liczba jego wyświetleń. "
        "Na tej stronie wyjaśniamy, co ona oznacza."
    ),
    counting=(
        Passage(
            "Czym jest wyświetlenie",
            (
                (
                    "Jeden czytelnik otwiera jeden artykuł: to jedno wyświetlenie. Jeśli ten sam "
                    "czytelnik wróci do niego w ciągu {minutes} od ostatniego zaliczonego "
                    "wyświetlenia, nowego nie dodajemy."
                ),
                (
                    "Gdziekolwiek na stronie pojawia się artykuł, liczba przy nim jest taka sama, a "
                    "dopóki strona jest otwarta, stale się odświeża. Może obejmować także "
                    "wyświetlenia, które artykuł miał przed przeniesieniem do tego serwisu."
                ),
            ),
        ),
        Passage(
            "Kogo uznajemy za czytelnika",
            (
                (
                    "Nie używamy plików cookie. Aby rozpoznać powtórną wizytę, z adresu sieciowego, "
                    "nazwy przeglądarki i tajnego klucza tworzymy kod. Każda doba ma własny klucz, "
                    "który niszczymy pół godziny po jej zakończeniu (według UTC). Od tej chwili "
                    "nikt, my również, nie jest w stanie ustalić, z jakiego adresu i jakiej "
                    "przeglądarki powstał kod. Samych adresów i nazw przeglądarek na potrzeby "
                    "liczenia nie zapisujemy nigdy."
                ),
            ),
        ),
        Passage(
            "Jak dokładna jest ta liczba",
            (
                (
                    "Osoby, które mają wspólny adres i taką samą przeglądarkę, są dla nas jednym "
                    "czytelnikiem: na przykład rodzina z dwoma telefonami tego samego modelu, biuro "
                    "albo klienci jednej sieci komórkowej. Jeśli otworzą ten sam artykuł w ciągu "
                    "{minutes}, będzie to jedno wyświetlenie. Liczba jest więc raczej zaniżona niż "
                    "zawyżona."
                ),
                (
                    "I odwrotnie: kto wyszedł z domu i czyta dalej przez sieć komórkową albo "
                    "otworzył artykuł w dwóch przeglądarkach, jest dla nas dwojgiem czytelników."
                ),
                (
                    "Robota, który udaje człowieka i się nie spieszy, policzymy. Żeby z całą "
                    "pewnością odróżnić go od ludzi, musielibyśmy śledzić czytelników, a tego nie "
                    "robimy."
                ),
            ),
        ),
        Passage(
            "Czego nie liczymy",
            (
                (
                    "Nie liczymy wyszukiwarek i innych robotów, które się do tego przyznają, stron "
                    "pobieranych przez przeglądarkę na zapas, wyświetleń zgłaszanych przez obce "
                    "witryny ani podglądu w redakcji. Czytanie bez JavaScriptu się liczy."
                ),
                (
                    "Nie liczymy też tego, czego nikt nie zdążyłby przeczytać: kto w ciągu minuty "
                    "otworzy {articles}, jest odtąd uznawany za robota, dopóki w ciągu {minutes} nie "
                    "otworzy niczego. Z jednej sieci zaliczamy w ciągu minuty ograniczoną liczbę "
                    "wyświetleń, większą jednak, niż czyta duże biuro."
                ),
                (
                    "Mogą zostać pominięte także wyświetlenia z centrów danych, w których stoją "
                    "maszyny i nikt nie czyta. Może to dotyczyć osób korzystających z VPN."
                ),
            ),
        ),
        Passage(
            "Co może zmienić redakcja",
            (
                (
                    "Redaktor może wykluczyć wyświetlenia pochodzące z określonej witryny lub sieci: "
                    "na przykład z serwisu, który przysyła fikcyjne wizyty, albo z naszych własnych "
                    "biur. Kto, kiedy i dlaczego to zrobił, pozostaje w rejestrze. Sieć można "
                    "wykluczyć od tej chwili, a także z wyświetleń tej doby, której klucz jeszcze "
                    "istnieje; jej adres jest wtedy zapisywany tak, jak podał go redaktor. Dodać "
                    "wyświetleń w redakcji nie może nikt. Liczba może więc zmaleć, ale tylko o "
                    "wyświetlenia wykluczone."
                ),
            ),
        ),
        Passage(
            "Co przechowujemy i jak długo",
            (
                (
                    "O każdym wyświetleniu zapisujemy: chwilę, artykuł, kod czytelnika, kod sieci, "
                    "nazwę witryny, z której przyszedł czytelnik, o ile strona ją podaje, oraz to, "
                    "czy wyświetlenie zaliczono. Zapisy te przechowujemy przez mniej więcej {days}. "
                    "Potem zostają tylko sumy: za każde pięć minut z ostatnich 8 dni, za każdą "
                    "godzinę z ostatnich 40 dni i za każdy dzień."
                ),
            ),
        ),
        Passage(
            "Co znaczy „najczęściej czytane”",
            (
                (
                    "Listy najczęściej czytanych artykułów obejmują wyświetlenia z okresu podanego w "
                    "nagłówku. Jeśli przeczytano w nim zbyt mało artykułów, bierzemy okres dłuższy, "
                    "a nagłówek o tym informuje. Artykuł oznaczony jako wybór redakcji umieścili na "
                    "liście nasi redaktorzy; miejsca w kolejności nie zajmuje."
                ),
                (
                    "Artykuł zyskuje popularność, gdy w ostatniej godzinie jest czytany znacznie "
                    "częściej, niż można by się spodziewać po jego wieku, jego ostatniej dobie i "
                    "liczbie czytelników w serwisie."
                ),
            ),
        ),
    ),
)
