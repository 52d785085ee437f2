// What stands beside a text that is being written: asked for as the text grows, shown in the panel
// "Story"; that we already have it is said under the headline too. A related article is put into
// the body as a card.

const panel = document.querySelector("[data-beside]");
const form = document.querySelector("[data-edit-form]") ?? document.querySelector("form[data-controller~=w-unsaved]");
const PAUSE = 500;

let timer = 0;
let asking = null;
let asked = "";

const valueOf = (id) => document.getElementById(id)?.value ?? "";

function bodyText() {
  const body = document.querySelector("[data-contentpath=body]");
  if (!body) return "";
  const parts = body.querySelectorAll("[contenteditable=true], textarea:not([hidden]), input[type=text]");
  return [...parts]
    .filter((one) => !one.closest("[aria-hidden=true]"))
    .map((one) => one.value ?? one.innerText)
    .join("\n");
}

function cards() {
  const found = [];
  for (const type of document.querySelectorAll("input[name^=body-][name$=-type]")) {
    const place = type.name.slice(0, -"-type".length);
    const isGone = document.querySelector(`input[name="${place}-deleted"]`)?.value;
    const value = document.querySelector(`input[name="${place}-value"]`)?.value;
    if (type.value === "related" && value && !isGone) found.push(value);
  }
  return found;
}

function gather() {
  const told = new URLSearchParams({
    edition: panel.dataset.edition,
    article: panel.dataset.article,
    headline: valueOf("id_headline"),
    text: `${valueOf("id_lead")}\n${bodyText()}`.trim().slice(0, 20000),
  });
  for (const card of cards()) told.append("card", card);
  return told;
}

function warn() {
  const field = document.getElementById("id_headline");
  let note = document.querySelector("[data-already-note]");
  if (!note && field) {
    note = document.createElement("div");
    note.className = "desk-already";
    note.dataset.alreadyNote = "";
    note.setAttribute("role", "status");
    (field.closest(".w-field__wrapper") ?? field.parentElement).append(note);
  }
  const already = panel.querySelector("[data-already]");
  note?.replaceChildren(...(already ? [...already.cloneNode(true).childNodes] : []));
}

async function ask() {
  const told = gather();
  if (`${told}` === asked) return;
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(panel.dataset.address, {
      method: "POST",
      body: told,
      headers: { "X-CSRFToken": form?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" },
      credentials: "same-origin",
      redirect: "error",
      signal: asking.signal,
    });
    if (!answer.ok) throw new Error(`${answer.status}`);
    panel.innerHTML = await answer.text();
    asked = `${told}`;
    warn();
  } catch {
    // It is asked again with the next letter.
  }
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

// Where the body of the form is a stream, it takes a block at its end.
function insert(button) {
  const body = window.wagtail?.editHandler?.getPanelByName("body")?.getBoundWidget?.();
  const stream = body?.block ?? body;
  const { card, headline, url } = button.dataset;
  stream.insert({ type: "related", value: { id: Number(card), string: headline, edit_url: url } }, stream.children.length);
  button.closest("li").remove();
  plan();
}

if (panel && form) {
  for (const event of ["input", "keyup", "change"]) form.addEventListener(event, plan);
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card]");
    if (button) insert(button);
  });
  plan();
}
