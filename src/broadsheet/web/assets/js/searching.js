// Offers what may be meant while somebody types: a combobox with a list (ARIA 1.2). Without this
// the form is sent as any other.

const PAUSE_MS = 150;
const FEWEST_LETTERS = 2;

const form = document.querySelector("form.search");
const box = form.elements.q;
const list = document.getElementById("suggestions");
const heard = form.querySelector(".search-heard");
const forms = JSON.parse(heard.dataset.forms);
const plurals = new Intl.PluralRules(document.documentElement.lang);

let offered = [];
let chosen = -1;
let typed = box.value;
let clock = 0;
let asking;

const hide = () => {
  list.hidden = true;
  chosen = -1;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
};

const choose = (at) => {
  chosen = at;
  [...list.children].forEach((option, place) =>
    option.setAttribute("aria-selected", String(place === at)),
  );
  if (at < 0) box.removeAttribute("aria-activedescendant");
  else {
    box.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
  const isText = at >= 0 && !offered[at].kind;
  box.value = isText ? offered[at].text : typed;
};

const follow = (at) => {
  hide();
  location.assign(offered[at].url);
};

const show = (suggestions) => {
  offered = suggestions;
  list.replaceChildren(
    ...suggestions.map(({ text, kind }, place) => {
      const option = document.createElement("li");
      option.id = `suggestion-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(text);
      if (kind) {
        const label = document.createElement("span");
        label.append(kind);
        option.append(" ", label);
      }
      // Before the box loses the focus.
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => follow(place));
      return option;
    }),
  );
  hide();
  const count = suggestions.length;
  heard.textContent = count ? (forms[plurals.select(count)] ?? forms.other).replace("{n}", count) : "";
  if (count && document.activeElement === box) {
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }
};

const ask = async () => {
  asking?.abort();
  const text = typed.trim();
  if (text.length < FEWEST_LETTERS) {
    show([]);
    return;
  }
  asking = new AbortController();
  const { signal } = asking;
  try {
    const query = new URLSearchParams({ q: text });
    const answer = await fetch(`${form.dataset.suggestions}?${query}`, { signal, credentials: "omit" });
    if (answer.ok) show((await answer.json()).suggestions);
  } catch {
    // Somebody typed on, or the connection is gone: the form still works.
  }
};

box.setAttribute("role", "combobox");
box.setAttribute("aria-autocomplete", "list");
box.setAttribute("aria-controls", list.id);
box.setAttribute("aria-expanded", "false");

box.addEventListener("input", () => {
  typed = box.value;
  clearTimeout(clock);
  clock = setTimeout(ask, PAUSE_MS);
});
box.addEventListener("blur", hide);
box.addEventListener("keydown", (event) => {
  if (event.isComposing || !offered.length) return;
  const isOpen = !list.hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen) {
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
    }
    const step = event.key === "ArrowDown" ? 1 : -1;
    const places = offered.length + 1; // one of them is the box itself
    choose(((chosen + 1 + step + places) % places) - 1);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    choose(-1);
    hide();
  } else if (event.key === "Enter" && isOpen && chosen >= 0) {
    event.preventDefault();
    follow(chosen);
  }
});

// What is empty need not stand in the address.
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (!value || (name === "sort" && value === "relevance")) formData.delete(name);
  }
});
form.elements.sort.addEventListener("change", () => {
  if (box.value) form.requestSubmit();
});
