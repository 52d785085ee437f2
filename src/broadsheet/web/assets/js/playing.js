// Plays a video where it stands, once the reader asks for it. Without this its link leads there.

for (const link of document.querySelectorAll("a[data-player]")) {
  const label = link.querySelector("[data-play]");
  if (label) label.textContent = label.dataset.play;
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    const address = new URL(link.dataset.player);
    address.searchParams.set("autoplay", "1");
    frame.src = address;
    frame.title = link.dataset.title;
    frame.className = "video-frame";
    frame.allow = "autoplay; fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    link.replaceWith(frame);
    frame.focus();
  });
}
