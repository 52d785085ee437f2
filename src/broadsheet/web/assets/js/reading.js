// Says once a load that the article is being read, and keeps the numbers on the page up to date.

const READ = "/-/read";
const NUMBERS = "/-/numbers";
const IDS_A_REQUEST = 100;
const PATIENCE_MS = 10000;
// A view that could not be taken is sent again, each time after twice the pause: in 3 to 4 minutes.
const TRIES = 6;
const RETRY_MS = 5000;
// When a view that was taken is in the numbers; then less and less often, while nothing changes.
const COUNTED_MS = 1200;
const EVERY_MS = 15000;
const SELDOM_MS = 240000;

const main = document.querySelector("article[data-main]");
const places = () => document.querySelectorAll("data.views[data-article]");
const isSeen = () => document.visibilityState === "visible" && !document.prerendering;
// A million open pages do not come in step.
const about = (ms) => ms * (1 + Math.random() / 2);

// --- the view ---

let isSaid = false;
let unsaid = "";
let retry = 0;

const describe = (isBack) => {
  const said = { article: Number(main.dataset.article) };
  const from = isBack || !document.referrer ? location.origin : new URL(document.referrer).origin;
  if (from !== location.origin) said.referrer = from; // the site, never the page
  return JSON.stringify(said);
};

const sayRead = async (body, triesLeft = TRIES, pauseMs = RETRY_MS) => {
  unsaid = "";
  const sent = { method: "POST", body, keepalive: true, credentials: "omit" };
  const status = await fetch(READ, sent).then(
    (answer) => answer.status,
    () => 0, // no connection
  );
  if (status && status < 500) {
    keepFresh(COUNTED_MS);
  } else if (triesLeft > 1) {
    unsaid = body;
    retry = setTimeout(sayRead, about(pauseMs), body, triesLeft - 1, 2 * pauseMs);
  }
};

// --- the numbers ---

let clock = 0;
let pauseMs = EVERY_MS;
let askedAt = performance.now(); // the page came with fresh ones
let shownAsOf = "";

// All articles of the page, or those nearest to what is seen; in one order, so that caches know the address.
const wanted = () => {
  const far = new Map();
  for (const place of places()) {
    const id = Number(place.dataset.article);
    const { top, bottom } = place.getBoundingClientRect();
    const distance = Math.max(0, -bottom, top - innerHeight);
    far.set(id, Math.min(distance, far.get(id) ?? Infinity));
  }
  const nearest = [...far].sort((one, other) => one[1] - other[1]).slice(0, IDS_A_REQUEST);
  return nearest.map(([id]) => id).sort((one, other) => one - other);
};

// Returns whether a number changed.
const show = ({ as_of: asOf, counts }) => {
  if (asOf < shownAsOf) return false; // a cache's, older than what is shown
  // A number goes back only where views were taken out since the last answer.
  const mayFall = shownAsOf && asOf > shownAsOf;
  shownAsOf = asOf;
  let isNews = false;
  for (const place of places()) {
    const count = counts[place.dataset.article];
    const shown = Number(place.value);
    if (!count || count.views === shown || (count.views < shown && !mayFall)) continue;
    place.value = count.views;
    place.firstChild.data = count.label;
    isNews = true;
  }
  return isNews;
};

const refresh = async () => {
  const ids = wanted();
  if (!ids.length) return false;
  askedAt = performance.now();
  const query = new URLSearchParams({ ids: ids.join(","), edition: document.documentElement.lang });
  try {
    const signal = AbortSignal.timeout?.(PATIENCE_MS);
    const answer = await fetch(`${NUMBERS}?${query}`, { credentials: "omit", signal });
    return answer.ok && show(await answer.json());
  } catch {
    return false; // offline: a later round asks again
  }
};

const keepFresh = (afterMs) => {
  clearTimeout(clock);
  if (navigator.connection?.saveData) return; // the numbers that the page came with have to do
  const mine = setTimeout(async () => {
    if (!isSeen()) return;
    const isNews = await refresh();
    pauseMs = isNews ? EVERY_MS : Math.min(2 * pauseMs, SELDOM_MS);
    if (clock === mine) keepFresh(pauseMs);
  }, about(afterMs));
  clock = mine;
};

// --- when ---

const begin = (afterMs, isBack = false) => {
  if (!isSeen()) return;
  pauseMs = EVERY_MS;
  keepFresh(afterMs);
  if (main && !isSaid) {
    isSaid = true;
    sayRead(describe(isBack));
  }
};

// At once, but for whoever leafs through tabs.
const beginAgain = (isBack) => begin(Math.max(0, askedAt + COUNTED_MS - performance.now()), isBack);

document.addEventListener("visibilitychange", () => beginAgain());
document.addEventListener("prerenderingchange", () => beginAgain());
addEventListener("pagehide", () => {
  clearTimeout(retry);
  if (unsaid) navigator.sendBeacon?.(READ, unsaid); // its last chance
  unsaid = "";
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  isSaid = false; // back from the back/forward cache: it is opened again
  beginAgain(true);
});
begin(EVERY_MS);

// --- taking the address along ---

const copying = document.querySelector("button[data-copy]");
if (copying && navigator.clipboard) {
  copying.hidden = false;
  copying.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copying.dataset.copy);
    copying.textContent = copying.dataset.copied;
  });
}
