// Says once a load that the article is being read, and keeps the numbers on the page up to date.

const READ = "/-/read";
const NUMBERS = "/-/numbers";
const AFTER_READING_MS = 2000;
const EVERY_MS = 15000;
const IDS_A_REQUEST = 100;

const main = document.querySelector("article[data-main]");
const places = () => [...document.querySelectorAll("data.views[data-article]")];

const sayRead = () => {
  const body = JSON.stringify({ article: Number(main.dataset.article) });
  if (navigator.sendBeacon?.(READ, body)) return;
  fetch(READ, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
};

const show = (counts) => {
  for (const place of places()) {
    const count = counts[place.dataset.article];
    // A number never goes back: an answer may be older than the page.
    if (!count || count.views <= Number(place.value)) continue;
    place.value = count.views;
    place.textContent = count.label;
  }
};

const refresh = async () => {
  const ids = [...new Set(places().map((place) => place.dataset.article))];
  for (let start = 0; start < ids.length; start += IDS_A_REQUEST) {
    const query = new URLSearchParams({
      ids: ids.slice(start, start + IDS_A_REQUEST).join(","),
      edition: document.documentElement.lang,
    });
    try {
      const answer = await fetch(`${NUMBERS}?${query}`, { credentials: "omit" });
      if (answer.ok) show((await answer.json()).counts);
    } catch {
      return; // offline: the next round asks again
    }
  }
};

let clock = 0;
const keepFresh = (firstMs) => {
  clearTimeout(clock);
  clock = setTimeout(async () => {
    if (document.visibilityState !== "visible") return;
    await refresh();
    keepFresh(EVERY_MS);
  }, firstMs);
};

let isSaid = false;
const begin = () => {
  if (document.prerendering || document.visibilityState !== "visible") return;
  if (main && !isSaid) {
    isSaid = true;
    sayRead();
    keepFresh(AFTER_READING_MS);
  } else {
    keepFresh(isSaid ? AFTER_READING_MS : EVERY_MS);
  }
};

document.addEventListener("visibilitychange", begin);
document.addEventListener("prerenderingchange", begin);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  isSaid = false; // back from the back/forward cache: it is opened again
  begin();
});
begin();
