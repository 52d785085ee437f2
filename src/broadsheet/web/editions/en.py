"""English."""

from .words import Passage, Words

WORDS = Words(
    code="en",
    language="English",
    direction="ltr",
    card_time="d MMM y, HH:mm",
    full_time="d MMMM y, HH:mm (ZZZZ)",
    day="EEEE, d MMMM y",
    in_a_sentence="d MMMM y",
    month="MMMM y",
    year="y",
    clock="HH:mm",
    comma=", ",
    semicolon="; ",
    alphabet="abcdefghijklmnopqrstuvwxyz",
    views={"one": "{n} view", "other": "{n} views"},
    news_section="News",
    skip_to_content="Skip to the content",
    front="Front page",
    latest="Latest",
    popular="Most read",
    sections="Sections",
    editions="Languages",
    how_we_count="How we count views",
    read_here="Read this in English",
    times_are="All times are in the {zone} time zone.",
    by="By",
    published="Published",
    updated="Updated",
    exclusive="Exclusive",
    photo="Photo",
    video="Video",
    contents="In this article",
    reported_by={"one": "Reported by", "other": "Reported by"},
    relayed_by={"one": "relayed by", "other": "relayed by"},
    original_report="original report",
    credit="Photo: {credit}",
    licence="Licence: {licence}",
    tags="Topics",
    corrections="Corrections",
    related="Related article",
    gallery={"one": "Gallery: {n} picture", "other": "Gallery: {n} pictures"},
    table="Table",
    play_video="Play the video",
    watch_video="Watch on {provider}",
    video_notice="The video comes from {provider}. Nothing is loaded from there until you press play.",
    translated_from="Translated from {language}",
    theme="News by theme",
    same_story="same story",
    same_story_first="same story: start here",
    also_about="also about {names}",
    earlier="earlier: {names}",
    timeline="Timeline",
    happened="What happened",
    announced="What is announced",
    whole_story="The whole story",
    popular_hour="Most read in the last hour",
    popular_day="Most read in the last 24 hours",
    popular_week="Most read in the last 7 days",
    popular_month="Most read in the last 30 days",
    popular_all="Most read of all time",
    popular_rising="Rising now",
    popular_newest="Newest articles",
    newsroom_choice="Newsroom’s choice",
    computed_at="As of {time}",
    all_of_section="All of {section}",
    tag="Topic",
    author="Author",
    person="In the news",
    source="Source",
    articles_by_author="Articles by {name}",
    quotes_of_person="What {name} said, in the words that we published",
    articles_from_source="Articles that rest on reports by {name}",
    visit_source="Visit {name}",
    latest_intro="Everything that we published, newest first",
    popular_intro="What our readers open most",
    popular_widened="Too little was read in this period, so a longer one is shown.",
    rising_intro=(
        "Articles read far more in the last hour than their age and their past would suggest"
    ),
    nothing_rising="No article is being read unusually often just now.",
    popular_windows="Periods",
    popular_overview="Overview",
    window_hour="Last hour",
    window_day="24 hours",
    window_week="7 days",
    window_month="30 days",
    window_all="All time",
    window_rising="Rising",
    section_intro="News from the section {name}",
    more_news="More news",
    older="Older",
    back_to_newest="Back to the newest",
    nothing_yet="Nothing has been published here yet.",
    story="Story",
    story_articles={"one": "{n} article", "other": "{n} articles"},
    key_moment="Key moment",
    announced_past="Dates now past",
    people_and_places="People and places",
    readership="Readership",
    readership_note="Views of all articles in this story, day by day (UTC)",
    most_on="Most on {day}: {views}",
    day_by_day="Day by day",
    column_day="Day",
    column_views="Views",
    story_feed="Follow this story by RSS",
    archive="Archive",
    archive_intro="Everything that we published, day by day",
    archive_months="All months",
    day_before="The day before",
    day_after="The day after",
    month_before="Previous month",
    month_after="Next month",
    corrections_intro="What we got wrong and put right. The same note stands on the article itself.",
    loading="Loading…",
    loading_failed="That did not work. Please try again.",
    search="Search",
    search_intro="Find articles by words, section, author or date",
    search_field="What are you looking for?",
    search_found={
        "one": "{n} article found",
        "other": "{n} articles found",
    },
    search_more_than="More than {n} articles found",
    search_nothing="Nothing was found for “{text}”.",
    search_nothing_at_all="Nothing was found.",
    search_hint="Try fewer words, other ones, or no filters.",
    search_instead="No article has what you typed. These are for “{text}”.",
    search_busy="Very many people are searching right now. Please try again in a moment.",
    search_results="Results",
    suggestions="Suggestions",
    suggestions_found={
        "one": "{n} suggestion",
        "other": "{n} suggestions",
    },
    filters="Filters",
    without_filters="Clear all filters",
    section="Section",
    any_section="All sections",
    any_author="Any author",
    any_person="Anyone",
    quoted_person="Who is quoted",
    published_since="Published from",
    published_until="Published until",
    sort_by="Sort by",
    by_relevance="Relevance",
    newest_first="Newest first",
    old_article={
        "one": "This article is more than a year old",
        "other": "This article is more than {n} years old",
    },
    share="Share this article",
    share_by_mail="Email",
    copy_link="Copy the link",
    link_copied="The link is copied",
    about="About us",
    about_title="About {name}",
    about_intro="What you find on these pages, and how to read what stands around an article.",
    about_passages=(
        Passage(
            "The news",
            (
                (
                    "Every article says who wrote it, when it was published and, if it has changed "
                    "since, when it was last updated. Where it rests on what others reported, it "
                    "names them and leads to their report."
                ),
                (
                    "Articles on one event belong to a story, which has a page of its own: what "
                    "happened, day by day, and what is announced. A person in the news has a page "
                    "with everything that we quoted them as saying."
                ),
            ),
        ),
        Passage(
            "What stands where",
            (
                (
                    "Our editors decide what leads the front page. What is most read follows from "
                    "our readers alone, over the period named in the heading; what the newsroom "
                    "puts there is marked as its choice."
                ),
            ),
        ),
        Passage(
            "Your privacy",
            (
                (
                    "We set no cookies, and no other company learns from this site what you read. "
                    "Videos from elsewhere load only when you press play."
                ),
            ),
        ),
    ),
    ethics_title="How we work",
    ethics_intro="What our readers can hold us to.",
    ethics=(
        Passage(
            "Accuracy and sources",
            (
                (
                    "We name our sources. What somebody else reported is attributed to them, and "
                    "what we know ourselves is told apart from what we were told."
                ),
                (
                    "A quotation stands as it was said, with the name of whoever said it. A "
                    "translated one is our translation of the same words."
                ),
            ),
        ),
        Passage(
            "Mistakes",
            (
                (
                    "A mistake that matters is put right and said to have been one: on the article, "
                    "with the time, and in our list of corrections. We do not change the facts of a "
                    "published article in silence."
                ),
                (
                    "An article that should not have been published is withdrawn. Its address then "
                    "says so, and why."
                ),
            ),
        ),
        Passage(
            "People decide",
            (
                (
                    "Whatever a machine drafts or translates is read and approved by a journalist "
                    "before anybody else can see it."
                ),
            ),
        ),
        Passage(
            "News and payment",
            (
                (
                    "Nobody can pay to have an article published, changed or removed, nor for its "
                    "place on a page."
                ),
            ),
        ),
    ),
    not_found_title="There is no such page",
    not_found_text="The address may be mistyped, or the page may have been taken down.",
    gone_title="This article has been withdrawn",
    gone_text="We have withdrawn this article for good. The newsroom’s notice:",
    server_error_title="Something went wrong on our side",
    server_error_text="The page could not be made just now. Please try again in a minute.",
    to_the_front="To the front page",
    preview="Preview",
    minutes={"one": "{n} minute", "other": "{n} minutes"},
    days={"one": "{n} day", "other": "{n} days"},
    articles={"one": "{n} article", "other": "{n} articles"},
    counting_title="How we count views",
    counting_intro=(
        "Every article, and every link to an article, carries the number of times it has been "
        "read. This page says what that number is."
    ),
    counting=(
        Passage(
            "What a view is",
            (
                (
                    "One reader opening one article is one view. If the same reader comes back to "
                    "it within {minutes} of the last view that counted, no further view is added."
                ),
                (
                    "The number shown is the same wherever an article stands on a page, and it is "
                    "brought up to date while the page is open. It may include views that an "
                    "article had before it moved to this site."
                ),
            ),
        ),
        Passage(
            "Who is a reader",
            (
                (
                    "We set no cookies. To recognise a repeated visit we mix the network address "
                    "and the name of the browser with a secret key into a code. Every day has a key "
                    "of its own, which is destroyed half an hour after the day is over (UTC). From "
                    "then on nobody, ourselves included, can tell from a code which address or "
                    "browser it was made of. For counting, neither of the two is ever stored."
                ),
            ),
        ),
        Passage(
            "How exact the number is",
            (
                (
                    "People behind one shared address who use the same browser look like one "
                    "reader to us: a household with two phones of one model, an office, the "
                    "customers of one mobile network. If they open the same article within "
                    "{minutes} of each other, that is one view. So the number is rather too low "
                    "than too high."
                ),
                (
                    "The other way round, somebody who leaves the house and reads on over the "
                    "mobile network, or opens an article in two browsers, looks like two readers."
                ),
                (
                    "A robot that pretends to be a person and does not hurry is counted. To tell "
                    "it from people for certain, we would have to watch our readers. We do not."
                ),
            ),
        ),
        Passage(
            "What is not counted",
            (
                (
                    "Search engines and other robots that say what they are, pages that a browser "
                    "fetches ahead of time, views reported by other websites, and previews in the "
                    "newsroom are not counted. Reading without JavaScript is."
                ),
                (
                    "Nor do we count what nobody can read: whoever opens {articles} within a "
                    "minute is taken for a robot from there on, until they have opened nothing for "
                    "{minutes}. One network can bring only so many views a minute, more than a "
                    "large office reads."
                ),
                (
                    "Views from data centres, where machines stand and nobody reads, may be left "
                    "out too. This can affect people who read through a VPN."
                ),
            ),
        ),
        Passage(
            "What the newsroom can change",
            (
                (
                    "An editor can exclude views that come from a certain website or network: "
                    "from a site that sends made-up visits, say, or from our own offices. Who did "
                    "so, when and why stays on record. A network can be excluded from now on, and "
                    "from the views of the day whose key still exists; its address is then stored "
                    "as the editor gave it. Nobody in the newsroom can add views. So a number "
                    "can fall, though only by views that are taken out."
                ),
            ),
        ),
        Passage(
            "What we keep, and for how long",
            (
                (
                    "Of each view we keep the moment, the article, the code of the reader, a code "
                    "of the network, the name of the website that the reader came from where the "
                    "page tells it, and whether the view counts. These records are kept for about "
                    "{days}. After that only sums are left: for every five minutes of the last 8 "
                    "days, for every hour of the last 40 days, and for every day."
                ),
            ),
        ),
        Passage(
            "What is most read",
            (
                (
                    "Lists of the most read articles hold views of the period named in their "
                    "heading. When too few articles were read in it, a longer period is used, and "
                    "the heading says so. An article marked as the newsroom’s choice was put there "
                    "by our editors; it has no place in the order."
                ),
                (
                    "An article is rising when it is read far more in the last hour than its age, "
                    "its own past day and the number of readers on the site would lead us to expect."
                ),
            ),
        ),
    ),
)
