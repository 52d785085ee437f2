// Puts older news below what is there, where the link to the next page stands. Without this it leads there.

const list = document.querySelector("[data-leaf]");
const pager = document.querySelector(".pager");

const dayOf = (section) => section?.querySelector(".day-heading time")?.dateTime;

// A day that goes on from one page to the next stays one.
const append = (children) => {
  for (const child of children) {
    const last = list.lastElementChild;
    const isSameDay = child.matches(".day") && last?.matches(".day") && dayOf(child) === dayOf(last);
    if (isSameDay) {
      last.querySelector(".entries").append(...child.querySelector(".entries").children);
    } else {
      list.append(child);
    }
  }
};

const leaf = async (link) => {
  const words = pager.dataset;
  const text = link.textContent;
  link.textContent = words.loading;
  link.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(link.href, { credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const older = page.querySelector(".pager a[rel=next]");
    const seen = list.querySelectorAll(".card").length;
    append([...page.querySelector("[data-leaf]").children]);
    const next = list.querySelectorAll(".card")[seen];
    next?.querySelector(".card-headline a")?.focus({ preventScroll: true });
    if (older) link.href = older.href;
    else pager.remove();
    link.textContent = text;
  } catch {
    link.textContent = words.failed;
  }
  link.removeAttribute("aria-disabled");
};

const next = list && pager?.querySelector("a[rel=next]");
next?.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (next.getAttribute("aria-disabled") !== "true") leaf(next);
});
