// Keeps the page of who reads now true while it is looked at: parts that changed are exchanged,
// all else stays, with what is opened and where the keyboard is.

const page = document.querySelector("[data-audience-now]");
const pause = document.querySelector("[data-audience-pause]");
const SLOWEST_SECONDS = 120;
const REACHABLE = "a[href], summary, [tabindex]";

let timer = 0;
let isPaused = false;
let isAsking = false;
let failures = 0;

// What the keyboard is at is found again by what it is and where it leads, else by its place.
function findAgain(part, focused, place) {
  const all = [...part.querySelectorAll(REACHABLE)];
  const target = focused.getAttribute("href");
  return all.find((one) => target && one.getAttribute("href") === target) ?? all[place];
}

function exchange(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const opened = [...part.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? [...part.querySelectorAll(REACHABLE)].indexOf(focused) : -1;
  const scrolled = [...part.querySelectorAll(".desk-scroll")].map((one) => one.scrollLeft);
  part.replaceChildren(...fresh.childNodes);
  for (const one of part.querySelectorAll("details")) one.open = opened.includes(one.id);
  part.querySelectorAll(".desk-scroll").forEach((one, place) => {
    one.scrollLeft = scrolled[place] ?? 0;
  });
  if (focused) findAgain(part, focused, place)?.focus({ preventScroll: true });
}

async function refresh() {
  if (isAsking) return;
  isAsking = true;
  try {
    const answer = await fetch(page.dataset.address, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of page.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (other) exchange(part, other);
    }
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    isAsking = false;
    plan();
  }
}

function plan() {
  clearTimeout(timer);
  if (isPaused || document.hidden) return;
  const seconds = Math.min(SLOWEST_SECONDS, page.dataset.eachSeconds * 2 ** failures);
  timer = setTimeout(refresh, seconds * 1000);
}

if (page && pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    if (isPaused) clearTimeout(timer);
    else refresh();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (!isPaused) refresh();
  });
  plan();
}
