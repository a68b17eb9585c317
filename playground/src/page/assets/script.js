// All of the page's behaviour. Every page works without it, but for the fragment of a redirect, which only a script sees.
"use strict";

// Before the page is drawn: the theme that was chosen last.
const stored = localStorage.getItem("theme");
if (stored) document.documentElement.dataset.theme = stored;

// A session's address, for the way back from a server. Other ports are other origins, and read nothing of this.
const { root, session } = document.documentElement.dataset;
if (root) localStorage.setItem(`root ${session}`, root);

document.addEventListener("DOMContentLoaded", () => {
  const all = (selector) => document.querySelectorAll(selector);

  const theme = document.getElementById("theme");
  const isDark = () =>
    (document.documentElement.dataset.theme ??
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const tell = () => {
    theme.setAttribute("aria-pressed", String(isDark()));
    theme.setAttribute("aria-label", isDark() ? "Dark theme is on" : "Light theme is on");
  };
  theme.hidden = false;
  tell();
  theme.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    tell();
  });

  // The response in a fragment goes to the run that waits for it, and out of the address bar.
  const fragment = document.querySelector("input[data-fragment]");
  if (fragment && location.hash.length > 1) {
    fragment.value = location.hash;
    history.replaceState(null, "", location.pathname);
    fragment.form.submit();
  }

  // The response is with its run: on to that, in the place of the address that brought it.
  const onward = document.querySelector("[data-onward]");
  const way = onward && localStorage.getItem(`root ${onward.dataset.session}`);
  if (way?.startsWith("/at/")) location.replace(way + onward.dataset.onward);

  for (const button of all("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
        button.textContent = "Selected";
      }
    });
  }

  // One press is one request.
  for (const form of all("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  }
  addEventListener("pageshow", () => all("form").forEach((form) => delete form.dataset.sent));

  const clocks = [...all("time[data-until]")];
  const tick = () => {
    for (const clock of clocks) {
      const left = Math.ceil((Number(clock.dataset.until) - Date.now()) / 1000);
      if (left > 0) clock.textContent = `${left} s left`;
      else if (!clock.dataset.done) {
        clock.dataset.done = "yes";
        clock.textContent = clock.dataset.over;
        if ("reload" in clock.dataset) location.reload();
      }
    }
  };
  if (clocks.length) {
    tick();
    setInterval(tick, 1000);
  }

  // After a step, the reader is taken to it and told how it went.
  const next = document.getElementById("next");
  const latest = document.getElementById("latest");
  const target = location.hash === "#latest" ? latest : location.hash === "#next" ? (next ?? latest) : null;
  if (target) {
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
    const said = [latest, next].filter(Boolean).map((step) => step.dataset.announce).filter(Boolean);
    setTimeout(() => (document.getElementById("announce").textContent = said.join(". ")), 150);
  }
});
