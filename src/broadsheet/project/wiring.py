"""Who reacts to which fact, and what runs by the clock: the whole system on one screen."""

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.outbox.delivering import Reactions

#: fact → its reactions, each a plain function of one fact that is safe to run twice.
REACTIONS: Reactions = {
    ArticlePublished: (),
    ArticleUnpublished: (),
    ArticlesImported: (),
}
