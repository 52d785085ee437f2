// Keeps the page of who reads now true while it is looked at: parts that changed are exchanged,
// all else stays, with what is opened and where the keyboard is.

const page = document.querySelector("[data-audience-now]");
const pause = document.querySelector("[data-audience-pause]");
const SLOWEST_SECONDS = 120;

let timer = 0;
let isPaused = false;
let isAsking = false;
let failures = 0;

function placeOf(element) {
  return element.id ? `#${CSS.escape(element.id)}` : element.href ? `a[href="${CSS.escape(element.getAttribute("href"))}"]` : "";
}

function exchange(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const opened = [...part.querySelectorAll("details[open]")].map((one) => one.id);
  const focused = part.contains(document.activeElement) ? placeOf(document.activeElement) : "";
  const scrolled = [...part.querySelectorAll(".desk-scroll")].map((one) => one.scrollLeft);
  part.replaceChildren(...fresh.childNodes);
  for (const one of part.querySelectorAll("details")) one.open = opened.includes(one.id);
  part.querySelectorAll(".desk-scroll").forEach((one, place) => {
    one.scrollLeft = scrolled[place] ?? 0;
  });
  if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
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
